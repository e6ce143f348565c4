"""Merge rows; every function joins the open transaction."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hephaestus_core.changes.models import Merge
from hephaestus_core.changes.states import MACHINE, OPEN
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import MergeStatus
from hephaestus_core.events.log import emit


def lock(session: Session, merge_id: UUID) -> Merge:
    """Return the merge locked for update. Lock its task before it."""
    query = select(Merge).where(Merge.id == merge_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def wake(session: Session, workflow_id: UUID) -> None:
    """Make the held merges of a locked workflow due at once."""
    held = (Merge.workflow_id == workflow_id, Merge.status.in_(OPEN), Merge.held_at.is_not(None))
    session.execute(update(Merge).where(*held).values(held_at=None))


def move(session: Session, merge: Merge, status: MergeStatus) -> None:
    """Turn a locked merge to ``status`` and say so.

    Raises:
        TransitionRefused: the table of states has no such edge.
    """
    before = merge.status
    MACHINE.check(merge.id, before, status)
    merge.status = status
    tell(session, merge, EventType.MERGE_STATUS_CHANGED, **{"from": before, "to": status})


def tell(session: Session, merge: Merge, type_: EventType, **data: Any) -> None:
    """Record an event of the merge, with its attempt, task and workflow; see :func:`emit`."""
    emit(
        session,
        type_,
        workflow_id=merge.workflow_id,
        task_id=merge.task_id,
        agent_id=merge.agent_id,
        **data,
    )
