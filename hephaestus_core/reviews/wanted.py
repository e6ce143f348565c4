"""Whether the work of a task is to be reviewed; joins the open session."""

from typing import TYPE_CHECKING, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.definitions.criteria import ValidationCriteria
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.reviews.rules import criteria_of
from hephaestus_core.tasks.accepted import was_accepted
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

_OTHER_OUTCOME: Final = text("""
    SELECT EXISTS (
        SELECT FROM results
        WHERE task_id = :task_id AND outcome <> 'done' AND status <> 'rejected'
    )
""")


def wanted(session: Session, task: "Task") -> ValidationCriteria | None:
    """Return what is asked of the task's work; None if it is not reviewed.

    Work whose result was accepted has been judged.
    """
    if not KINDS[task.kind].is_reviewed or task.phase_id is None:
        return None
    criteria = criteria_of(workflows.phase(session, task.workflow_id, task.phase_id).spec)
    return None if criteria is None or was_accepted(session, task) else criteria


def is_to_correct(session: Session, task: "Task") -> bool:
    """Say whether reported work may be sent back: it is to be merged, and is not accepted yet."""
    reported = task.status == TaskStatus.UNDER_REVIEW
    return reported and KINDS[task.kind].merges and not was_accepted(session, task)


def has_reason_for_nothing(session: Session, task: "Task") -> bool:
    """Say whether an agent of the task has given a reason for which there is nothing to do.

    It is the outcome of a result, such as *not_reproduced*, which is judged by itself; or the
    reason for which no other work follows.
    """
    other = session.scalar(_OTHER_OUTCOME, {"task_id": task.id})
    return bool(other) or bool(task.nothing_follows)
