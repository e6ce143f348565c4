"""When people were here: noted as they visit, and read as they come back."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.visits.models import Visit
from hephaestus_core.visits.rules import PAUSE, last_ended

#: One statement, since several web processes may note the same visit.
_NOTE: Final = text("""
    INSERT INTO visits AS v (token_id, last_seen_at) VALUES (:token_id, now())
    ON CONFLICT (token_id) DO UPDATE SET last_seen_at = now(),
        earlier_ended_at = CASE WHEN v.last_seen_at < now() - :pause
                           THEN v.last_seen_at ELSE v.earlier_ended_at END
""")


def note_visit(db: Database, token_id: UUID) -> None:
    """Note that the holder of a token is here now."""
    with db.transaction() as session:
        session.execute(_NOTE, {"token_id": token_id, "pause": PAUSE})


def last_visit(db: Database, token_id: UUID) -> datetime | None:
    """Return when the last visit of a person ended before the present one; None: there was none."""
    with db.snapshot() as session:
        visit = session.get(Visit, token_id)
        if visit is None:
            return None
        return last_ended(visit.last_seen_at, visit.earlier_ended_at, database_now(session))
