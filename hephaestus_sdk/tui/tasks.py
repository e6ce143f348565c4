"""Tasks, those of the queue too."""

from collections.abc import Iterable, Iterator

from hephaestus_sdk.api.views import Task
from hephaestus_sdk.tui.fields import Fields
from hephaestus_sdk.tui.rows import Row


def rows(tasks: Iterable[Task], *, queued: bool = False) -> Iterator[Row]:
    """Yield a row for each; of those in the queue with its place there."""
    for task in tasks:
        place = f"{task.queue_position} {task.priority}" if queued else ""
        yield Row(
            key=task.id,
            sign=task.sign,
            title=task.title,
            state=place or task.status.replace("_", " "),
            since=task.queued_at if queued else task.created_at,
            thing=task,
            workflow_id=task.workflow_id,
            task_id=task.id,
            agent_id=task.agent_id,
        )


def fields(task: Task) -> Fields:
    """Yield what the task is, how it stands, and why."""
    yield "", task.title
    status = task.status.replace("_", " ")
    yield "", task.sign.shown if status == task.sign.words else f"{task.sign.shown}: {status}"
    yield "because", task.failure_reason
    yield "summary", task.summary
    yield "phase", task.place
    yield "priority", f"{task.priority}, bumped" if task.boosted else task.priority
    yield "place in queue", task.queue_position
    yield "not before", task.due_at
    yield "duplicate", task.duplicate
    for each in task.after:
        yield "after", f"{each.title} ({each.status})"
    for attempt in task.attempts:
        ended = f": {attempt.failure_reason}" if attempt.failure_reason else ""
        yield (
            f"attempt {attempt.attempt}",
            f"{attempt.sign.shown}, {attempt.program} on {attempt.host}{ended}",
        )
    yield "branch", task.branch
    yield "created", task.created_at
    yield "id", task.id
    if task.description != task.title:
        yield "", task.description
