"""Whether a reviewer has judged its result yet: a crossing into the table of results."""

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


def is_unjudged(session: Session, result_id: UUID | None) -> bool:
    """Say whether a result is still to be judged."""
    return bool(session.scalar(_UNJUDGED, {"result_id": result_id}))
