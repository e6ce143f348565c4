"""The reviews of tasks that leave review: a crossing into the table of another capability."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import ReviewStatus
from hephaestus_core.events.log import emit

_DROP: Final = text("""
    WITH open AS (
        SELECT id, status FROM reviews
        WHERE task_id = ANY(:task_ids) AND status IN ('checking', 'agent_review', 'person_review')
        ORDER BY id FOR UPDATE
    )
    UPDATE reviews r SET status = 'dropped', reason = :reason, decided_at = now()
    FROM open WHERE r.id = open.id
    RETURNING r.id, r.workflow_id, r.task_id, r.agent_id, r.commit, r.iteration,
              open.status AS before
""")


def drop_reviews(session: Session, task_ids: Collection[UUID], reason: str) -> None:
    """Drop the open reviews of locked tasks; a verdict that comes later is refused."""
    given = {"task_ids": list(task_ids), "reason": reason}
    for review in session.execute(_DROP, given):
        emit(
            session,
            EventType.REVIEW_STATUS_CHANGED,
            workflow_id=review.workflow_id,
            task_id=review.task_id,
            agent_id=review.agent_id,
            review_id=review.id,
            commit=review.commit,
            iteration=review.iteration,
            reason=reason,
            **{"from": review.before, "to": ReviewStatus.DROPPED},
        )
