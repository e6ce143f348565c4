"""Deliveries of workflows' work to base branches; every function joins the open transaction."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, func, or_, update
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import DeliveryStatus
from hephaestus_core.db.engine import database_now
from hephaestus_core.events.log import emit
from hephaestus_core.workflows.models import Workflow
from hephaestus_core.workflows.states import DELIVERY

_EVENTS: Final = {
    DeliveryStatus.NONE: EventType.WORKFLOW_DELIVERY_WITHDRAWN,
    DeliveryStatus.AWAITING_APPROVAL: EventType.WORKFLOW_APPROVAL_AWAITED,
    DeliveryStatus.PENDING: EventType.WORKFLOW_DELIVERY_REQUESTED,
    DeliveryStatus.HELD: EventType.WORKFLOW_DELIVERY_HELD,
    DeliveryStatus.CONFLICT: EventType.WORKFLOW_DELIVERY_CONFLICT,
    DeliveryStatus.DELIVERED: EventType.WORKFLOW_DELIVERED,
}


def request(session: Session, workflow: Workflow, *, doubt: str | None = None) -> None:
    """Request the delivery to the base branch, or a person's approval of it.

    Args:
        session: the open one.
        workflow: locked.
        doubt: why a person has to approve it in any case.
    """
    by_itself = workflow.auto_merge and doubt is None
    status = DeliveryStatus.PENDING if by_itself else DeliveryStatus.AWAITING_APPROVAL
    workflow.delivery_reason = doubt
    workflow.approved_commit = None
    workflow.delivery_round += 1
    if workflow.delivery_status != status:
        move(session, workflow, status)


def move(session: Session, workflow: Workflow, status: DeliveryStatus, **reported: Any) -> None:
    """Turn the delivery of a locked workflow to ``status`` and say so.

    A new reason with the same status emits an event too.

    Args:
        reported: values that go into the event, JSON only.

    Raises:
        TransitionRefused: the table of states has no such edge.
    """
    if workflow.delivery_status != status:
        DELIVERY.check(workflow.id, workflow.delivery_status, status)
        workflow.delivery_since = database_now(session)
    if status == DeliveryStatus.DELIVERED:
        workflow.spent_due_at = database_now(session)
    workflow.delivery_status = status
    emit(session, _EVENTS[status], workflow_id=workflow.id, **reported)


def look_for_spent_branches(session: Session, workflow_id: UUID) -> None:
    """Make the spent branches of a delivered workflow due in 10 s, for another may have come.

    Agents often end one after the other; one look then serves them all. A look that is due may be
    under way and have missed the branch, so it is due once more.
    """
    due, now = Workflow.spent_due_at, func.now()
    session.execute(
        update(Workflow)
        .where(
            Workflow.id == workflow_id,
            Workflow.delivery_status == DeliveryStatus.DELIVERED,
            or_(due.is_(None), due <= now),
        )
        .values(spent_due_at=case((due.is_(None), now + timedelta(seconds=10)), else_=now))
    )
