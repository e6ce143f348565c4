"""The rejected results of a workflow, for the prompts of later agents: a crossing into results."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_REJECTED: Final = text("""
    SELECT task_id, left(explanation, 500) AS explanation, left(feedback, 4000) AS feedback
    FROM results WHERE workflow_id = :workflow_id AND status = 'rejected'
    ORDER BY judged_at DESC LIMIT :limit
""")


@dataclass(frozen=True)
class Rejection:
    """A result that its reviewer has rejected; texts of agents, cut off."""

    task_id: UUID
    """The task whose agent had submitted it."""
    explanation: str
    feedback: str


def rejections(session: Session, workflow_id: UUID, *, limit: int = 3) -> list[Rejection]:
    """Return the newest rejected results of a workflow, newest first, with their reasons."""
    rows = session.execute(_REJECTED, {"workflow_id": workflow_id, "limit": limit}).mappings()
    return [Rejection(**row) for row in rows]
