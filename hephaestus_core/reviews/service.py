"""Use cases of reviews: reading them, and sending work back to its agent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from hephaestus_core.agents import store as agents
from hephaestus_core.contract.errors import NotFound
from hephaestus_core.contract.statuses import ReviewStatus, TaskStatus, checked_word
from hephaestus_core.db.engine import Database
from hephaestus_core.messages import service as messages
from hephaestus_core.messages.told import was_told
from hephaestus_core.reviews import store
from hephaestus_core.reviews.models import Review
from hephaestus_core.reviews.progress import SENDER
from hephaestus_core.reviews.views import ReviewView, view
from hephaestus_core.reviews.wanted import is_to_correct
from hephaestus_core.tasks import store as tasks


def send_back(db: Database, agent_id: UUID, *, reason: str, once: bool = False) -> bool:
    """Send a task under review back to its agent with the reason.

    Returns False if the task is no longer under review, or has no work to correct: it merges
    nothing, or its result was accepted.

    Args:
        once: return False, too, if the agent was told the same before.

    Raises:
        StaleAttempt: the attempt is over.
    """
    with db.transaction() as session:
        task, agent = agents.lock_current(session, agent_id)
        if not is_to_correct(session, task):
            return False
        if once and was_told(session, agent.id, reason):
            return False
        tasks.move(session, task, TaskStatus.NEEDS_WORK, reason=reason)
        messages.add(session, agent.id, reason, sender=SENDER)
        return True


def page_of_reviews(
    db: Database,
    *,
    workflow_id: UUID | None = None,
    task_id: UUID | None = None,
    status: str | None = None,
    limit: int = 50,
    cursor: tuple[datetime, UUID] | None = None,
) -> tuple[list[ReviewView], tuple[datetime, UUID] | None]:
    """Return a page of reviews, newest first, and the cursor of the next page.

    Raises:
        InvalidInput: ``status`` is none of a review.
    """
    wanted = {
        Review.workflow_id: workflow_id,
        Review.task_id: task_id,
        Review.status: None if status is None else checked_word(ReviewStatus, status, "status"),
    }
    query = select(Review).order_by(Review.created_at.desc(), Review.id.desc()).limit(limit + 1)
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if cursor is not None:
        query = query.where(tuple_(Review.created_at, Review.id) < cursor)
    with db.reading() as session:
        found = [view(review) for review in session.scalars(query)]
    shown = found[:limit]
    return shown, (shown[-1].created_at, shown[-1].id) if len(found) > limit else None


def get_review(db: Database, review_id: UUID) -> ReviewView:
    """Return one review.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        found = store.get(session, review_id)
        if found is None:
            raise NotFound(
                f"There is no review {review_id}; list the reviews to see their ids.",
                field="review_id",
            )
        return view(found)
