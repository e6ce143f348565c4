"""Whether the result of a task was accepted: a crossing into the table of another capability."""

from typing import TYPE_CHECKING, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import WorkflowStatus
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

_ACCEPTED: Final = text("""
    SELECT EXISTS (
        SELECT FROM results r JOIN workflows w ON w.id = r.workflow_id
        WHERE w.id = :workflow_id AND r.id = w.result_id AND r.task_id = :task_id
    )
""")


def was_accepted(session: Session, task: "Task") -> bool:
    """Say whether the task has handed in the accepted result of its workflow."""
    given = {"workflow_id": task.workflow_id, "task_id": task.id}
    return bool(session.scalar(_ACCEPTED, given))


def closed_its_workflow(session: Session, task: "Task") -> bool:
    """Say whether the workflow is closed with the accepted result of the task.

    Then the task is merged with what is saved of it, since no further attempt can go on with it.
    """
    workflow = workflows.get(session, task.workflow_id)
    return workflow.status != WorkflowStatus.ACTIVE and was_accepted(session, task)
