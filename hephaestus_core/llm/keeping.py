"""How long the record of each call is kept, and the sums that stay of it."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.db.batches import in_batches
from hephaestus_core.db.engine import Database

#: Most calls that one statement adds up and deletes.
_BATCH: Final = 1000
#: Most statements of one sweep; the next sweep goes on.
_MOST_BATCHES: Final = 100

#: One statement, so whoever reads calls and sums together counts each call once. A second sweep at
#: the same time skips the calls that this one has locked. Sums are locked in one order.
_ADD_UP: Final = text("""
    WITH old AS (
        SELECT id FROM llm_calls WHERE started_at < now() - make_interval(days => :days)
        ORDER BY started_at LIMIT :batch FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM llm_calls USING old WHERE llm_calls.id = old.id RETURNING llm_calls.*
    ), summed AS (
        INSERT INTO llm_sums AS sums (day, workflow_id, calls, tokens, dollars, unpriced_tokens)
        SELECT (started_at AT TIME ZONE 'UTC')::date, workflow_id, count(*), sum(counted_tokens),
               coalesce(sum(cost), 0),
               coalesce(sum(counted_tokens) FILTER (WHERE cost IS NULL), 0)
        FROM gone GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (day, workflow_id) DO UPDATE SET
            calls = sums.calls + excluded.calls,
            tokens = sums.tokens + excluded.tokens,
            dollars = sums.dollars + excluded.dollars,
            unpriced_tokens = sums.unpriced_tokens + excluded.unpriced_tokens
    )
    SELECT count(*) FROM gone
""")


def sweep(db: Database, *, days: int, at_once: int = _BATCH) -> int:
    """Replace the records of old calls by their sums per day and workflow; return how many.

    Each statement takes `at_once` records at most and commits, so it holds locks only briefly.

    Args:
        db: the database.
        days: the age from which on a record goes, at least 1: hourly budgets count records.
        at_once: most records of one statement.
    """

    def add_up(session: Session) -> int:
        return int(session.scalars(_ADD_UP, {"days": days, "batch": at_once}).one())

    return in_batches(db, add_up, at_once=at_once, most=_MOST_BATCHES)
