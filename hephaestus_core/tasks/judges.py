"""The tasks that judge results; every function joins the open transaction."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.tasks.models import Task
from hephaestus_core.tasks.states import LIVE


def judge_awaiting_checks(session: Session, result_id: UUID) -> Task | None:
    """Return the task that judges a result, locked, while it waits for checks; else None."""
    query = (
        select(Task)
        .where(Task.result_id == result_id, Task.status == TaskStatus.PENDING, Task.awaits_checks)
        .with_for_update(key_share=True)
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def judges_of(session: Session, result_id: UUID) -> list[Task]:
    """Return the live tasks that judge a result, locked."""
    query = select(Task).where(Task.result_id == result_id, Task.status.in_(LIVE))
    locked = query.order_by(Task.id).with_for_update(key_share=True)
    return list(session.scalars(locked.execution_options(populate_existing=True)))


def under_judgement(session: Session, workflow_id: UUID) -> list[UUID]:
    """Return the ids of the results of a workflow whose reviews are live."""
    query = select(Task.result_id).where(
        Task.workflow_id == workflow_id, Task.result_id.is_not(None), Task.status.in_(LIVE)
    )
    return [result_id for result_id in session.scalars(query) if result_id is not None]
