"""Reviews that nobody answers, and reviewers that nobody needs; found by a periodic look."""

from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.agents import store as agents
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.statuses import ReviewStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.db.isolated import for_each
from hephaestus_core.reviews import progress, store
from hephaestus_core.reviews.rules import Step
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.accepted import was_accepted
from hephaestus_core.tasks.service import cancel_task
from hephaestus_core.tasks.states import ENDED

#: By their index: of the open reviews only those that agents judge are read.
_UNANSWERED: Final = text("""
    SELECT r.id FROM reviews r JOIN tasks t ON t.id = r.reviewer_task_id
    WHERE r.status = 'agent_review' AND t.status IN ('done', 'failed', 'cancelled', 'duplicated')
    ORDER BY r.id
""")
_NEEDLESS: Final = text("""
    SELECT t.id FROM tasks t JOIN reviews r ON r.reviewer_task_id = t.id
    WHERE r.status = 'dropped' AND r.decided_at > now() - interval '1 hour'
      AND t.status IN ('pending', 'queued', 'assigned', 'in_progress', 'needs_work')
    ORDER BY t.id
""")


def tend(db: Database) -> None:
    """Hand reviews without a verdict to people, and cancel the reviewers of dropped ones."""
    with db.reading() as session:
        unanswered = list(session.scalars(_UNANSWERED))
        needless = list(session.scalars(_NEEDLESS))
    for_each(partial(_hand_over, db), unanswered, work="reviews.hand_over")
    for_each(partial(_call_off, db), needless, work="reviews.call_off")


def _hand_over(db: Database, review_id: UUID) -> None:
    with db.transaction() as session:
        known = store.get(session, review_id)
        if known is None or known.reviewer_task_id is None:
            return
        task = tasks.lock_to_end(session, known.task_id)
        reviewers = tasks.get(session, known.reviewer_task_id)
        author = agents.lock(session, known.agent_id)
        review = store.lock(session, review_id)
        if review.status != ReviewStatus.AGENT_REVIEW or reviewers.status not in ENDED:
            return
        if was_accepted(session, task):
            step = Step(ReviewStatus.PASSED, "its result was accepted")
        else:
            why = reviewers.failure_reason or "it ended without a verdict"
            step = Step(
                ReviewStatus.PERSON_REVIEW, f"its reviewer is {reviewers.status}: {why}"[:2000]
            )
        progress.advance(session, task, author, review, step)


def _call_off(db: Database, task_id: UUID) -> None:
    try:
        cancel_task(db, task_id, reason="the work is no longer under review")
    except HephaestusError:
        return  # It has ended meanwhile.
