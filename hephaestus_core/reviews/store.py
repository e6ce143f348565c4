"""Review rows; every function joins the open transaction. Lock the task before its review."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import ReviewStatus
from hephaestus_core.db.engine import database_now
from hephaestus_core.events.log import emit
from hephaestus_core.reviews.models import Review
from hephaestus_core.reviews.states import MACHINE, OPEN


def add(session: Session, review: Review) -> None:
    """Add a review and say so."""
    session.add(review)
    session.flush()
    _tell(session, review, EventType.REVIEW_STARTED)


def get(session: Session, review_id: UUID) -> Review | None:
    """Return the review; None if there is none."""
    return session.get(Review, review_id)


def lock(session: Session, review_id: UUID) -> Review:
    """Return a review that there is, locked for update."""
    query = select(Review).where(Review.id == review_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def open_of(session: Session, task_id: UUID) -> Review | None:
    """Return the open review of a locked task, locked too; None if there is none."""
    query = select(Review).where(Review.task_id == task_id, Review.status.in_(OPEN))
    locking = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(locking).one_or_none()


def newest_of(session: Session, agent_id: UUID) -> Review | None:
    """Return the newest review of an attempt's work; None if there is none."""
    query = select(Review).where(Review.agent_id == agent_id)
    return session.scalars(query.order_by(Review.created_at.desc()).limit(1)).first()


def standing_of(session: Session, agent_id: UUID) -> Review | None:
    """Return the newest review of an attempt's work, unless that has failed or was dropped."""
    review = newest_of(session, agent_id)
    over = {ReviewStatus.FAILED, ReviewStatus.DROPPED}
    return None if review is None or review.status in over else review


def judged_by(session: Session, reviewer_task_id: UUID) -> Review | None:
    """Return the review that this task is for; None if it is for none."""
    query = select(Review).where(Review.reviewer_task_id == reviewer_task_id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def newest_failed(session: Session, task_id: UUID, commit: str) -> Review | None:
    """Return the newest failed review of a commit of a task; None if there is none."""
    query = select(Review).where(
        Review.task_id == task_id,
        Review.commit == commit,
        Review.status == ReviewStatus.FAILED,
    )
    return session.scalars(query.order_by(Review.created_at.desc()).limit(1)).first()


def failed_before(session: Session, task_id: UUID) -> int:
    """Return how many reviews of the task have failed."""
    query = select(func.count()).where(
        Review.task_id == task_id, Review.status == ReviewStatus.FAILED
    )
    return session.scalar(query) or 0


def move(
    session: Session,
    review: Review,
    status: ReviewStatus,
    *,
    reason: str = "",
    decided_by: str | None = None,
) -> None:
    """Turn a locked review to ``status`` and say so.

    Raises:
        TransitionRefused: the table of states has no such edge.
    """
    before = review.status
    MACHINE.check(review.id, before, status)
    review.status = status
    review.reason = reason or None
    if status not in OPEN:
        review.decided_by, review.decided_at = decided_by, database_now(session)
    said: dict[str, Any] = {"from": before, "to": status}
    if reason:
        said["reason"] = reason
    if decided_by is not None:
        said["decided_by"] = decided_by
    _tell(session, review, EventType.REVIEW_STATUS_CHANGED, **said)


def _tell(session: Session, review: Review, type_: EventType, **data: Any) -> None:
    emit(
        session,
        type_,
        workflow_id=review.workflow_id,
        task_id=review.task_id,
        agent_id=review.agent_id,
        review_id=review.id,
        commit=review.commit,
        iteration=review.iteration,
        **data,
    )
