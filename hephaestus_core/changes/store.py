"""Merge rows; every function joins the open transaction."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.changes.models import Merge
from hephaestus_core.changes.states import MACHINE
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import MergeStatus
from hephaestus_core.events.log import emit


def lock(session: Session, merge_id: UUID) -> Merge:
    """Return the merge locked for update. Lock its task before it."""
    query = select(Merge).where(Merge.id == merge_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


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
