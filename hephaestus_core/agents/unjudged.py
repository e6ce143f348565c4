"""Whether a reviewer has judged yet: a crossing into the tables of results and reviews."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_UNJUDGED: Final = text("""
    SELECT EXISTS (
        SELECT FROM results r JOIN workflows w ON w.id = r.workflow_id
        WHERE r.id = :result_id AND r.status = 'submitted' AND w.result_id IS NULL
    )
""")

_WITHOUT_VERDICT: Final = text("""
    SELECT EXISTS (
        SELECT FROM reviews WHERE reviewer_task_id = :task_id AND status = 'agent_review'
    )
""")


def is_unjudged(session: Session, task_id: UUID, result_id: UUID | None) -> bool:
    """Say whether the result or the review that a task is for is still to be judged."""
    if result_id is not None:
        return bool(session.scalar(_UNJUDGED, {"result_id": result_id}))
    return bool(session.scalar(_WITHOUT_VERDICT, {"task_id": task_id}))
