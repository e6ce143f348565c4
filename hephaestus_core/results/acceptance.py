"""The effect of an accepted result on its workflow; joins the open transaction."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.changes.endings import merge_saved
from hephaestus_core.changes.waiting import release_own
from hephaestus_core.contract.statuses import ResultOutcome, TaskStatus, WorkflowStatus
from hephaestus_core.lifecycle import closing
from hephaestus_core.results.models import Result
from hephaestus_core.tasks import store as tasks

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow


def act(
    session: Session, workflow: "Workflow", result: Result, *, review_id: UUID | None = None
) -> None:
    """Apply ``on_result_found`` to a locked workflow and all of its tasks.

    The accepted work is merged, even if its author's attempt has ended meanwhile.

    Args:
        review_id: the task that accepted it, which ends by itself; None: a person did.
    """
    if result.outcome == ResultOutcome.DONE:
        release_own(session, result.task_id)
    action = workflow.config["on_result_found"]
    if workflow.status != WorkflowStatus.ACTIVE or action == "do_nothing":
        return
    reason = "its result was accepted"
    stopping = action == "stop_all"
    merged = _take_as_done(session, result, stopping=stopping)
    if stopping:
        sparing = {id_ for id_ in (review_id, result.task_id if merged else None) if id_}
        closing.stop_all(session, workflow, WorkflowStatus.COMPLETED, reason, sparing=sparing)
    else:
        closing.complete(session, workflow, reason)


def _take_as_done(session: Session, result: Result, *, stopping: bool) -> bool:
    """Turn the result's task to under review; say whether it is.

    Args:
        stopping: end a running attempt now; otherwise it ends by itself and is merged then.
    """
    task = tasks.lock(session, result.task_id)
    over = task.status in {TaskStatus.QUEUED, TaskStatus.BLOCKED, TaskStatus.FAILED}
    if over or (stopping and task.status == TaskStatus.ASSIGNED):
        merge_saved(session, task, agents.lock(session, result.agent_id))
    elif stopping and task.status in {TaskStatus.IN_PROGRESS, TaskStatus.NEEDS_WORK}:
        task.summary = task.summary or result.explanation
        tasks.move(session, task, TaskStatus.UNDER_REVIEW, summary=task.summary[:500])
    return task.status == TaskStatus.UNDER_REVIEW
