"""Workflows."""

from collections.abc import Iterable, Iterator

from hephaestus_sdk.api.views import Workflow
from hephaestus_sdk.tui.fields import Fields
from hephaestus_sdk.tui.rows import Row


def rows(workflows: Iterable[Workflow]) -> Iterator[Row]:
    """Yield a row for each, newest first."""
    for one in workflows:
        yield Row(
            key=one.id,
            sign=one.sign,
            title=one.title,
            state=f"{one.done_tasks}/{one.total_tasks} done",
            since=one.created_at,
            thing=one,
            workflow_id=one.id,
        )


def fields(workflow: Workflow) -> Fields:
    """Yield how the workflow stands, and how far it is."""
    yield "", workflow.title
    yield "", f"{workflow.standing}. {workflow.condition.reason}"
    yield "goes on", workflow.condition.until
    for phase in workflow.phases:
        counts = ", ".join(f"{number} {status}" for status, number in phase.task_counts.items())
        yield f"{phase.id} {phase.name}", counts.replace("_", " ") or "no task yet"
    yield "agents", workflow.active_agents
    yield "definition", workflow.definition_name
    yield "repository", workflow.repository
    yield "base branch", workflow.base_branch
    yield "delivery", workflow.delivery.status.replace("_", " ")
    yield "because", workflow.delivery.reason
    yield "started", workflow.created_at
    yield "id", workflow.id
