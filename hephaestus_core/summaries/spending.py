"""What agents and the system's own calls to models have cost, by day, workflow or model.

A crossing into the tables of costs, calls and workflows, which only reads.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.db.engine import Database, database_now

#: Most rows; those that cost most.
_MOST_ROWS: Final = 400


class SpendingBy(StrEnum):
    """What a row of costs is about."""

    DAY = "day"
    WORKFLOW = "workflow"
    MODEL = "model"


@dataclass(frozen=True, kw_only=True)
class SpendingRow:
    """What was used on a day, in UTC, in a workflow or of a model."""

    key: str
    """The day, the id of the workflow or the name of the model; empty: it is not known."""
    title: str | None = None
    """Of the workflow."""
    deleted: bool = False
    """It is about a workflow that was deleted; the title says so too."""
    turns: int
    """Answers of models to agents."""
    input_tokens: int
    """Without those of the cache."""
    output_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int
    dollars: float
    """As far as prices are known."""
    unpriced_tokens: int
    """Tokens of models whose price is not known; they are not in `dollars`."""


@dataclass(frozen=True, kw_only=True)
class OwnCalls:
    """The calls of the system itself to models, beside those of agents."""

    calls: int
    tokens: int
    """As budgets count them: a call whose end is not known counts with its reservation."""
    dollars: float
    unpriced_tokens: int


@dataclass(frozen=True, kw_only=True)
class SpendingView:
    """What models have cost since the beginning of a day, in UTC."""

    since: datetime
    """The beginning of that day."""
    total: SpendingRow
    rows: list[SpendingRow]
    """Days oldest first, others the dearest first; at most 400."""
    own_calls: OwnCalls


_SUMS: Final = """
    coalesce(sum(turns), 0)::bigint AS turns,
    coalesce(sum(input_tokens), 0)::bigint AS input_tokens,
    coalesce(sum(output_tokens), 0)::bigint AS output_tokens,
    coalesce(sum(cache_read_tokens), 0)::bigint AS cache_read_tokens,
    coalesce(sum(cache_creation_tokens), 0)::bigint AS cache_creation_tokens,
    coalesce(sum(dollars), 0)::float AS dollars,
    coalesce(sum(unpriced_tokens), 0)::bigint AS unpriced_tokens
"""
_WANTED: Final = """
    day >= :since AND (CAST(:workflow_id AS uuid) IS NULL OR workflow_id = :workflow_id)
"""
_TOTAL: Final = text(f"SELECT '' AS key, {_SUMS} FROM used_sums WHERE {_WANTED}")  # noqa: S608 - ours
_ROWS: Final = {
    SpendingBy.DAY: text(
        f"SELECT day::text AS key, {_SUMS} FROM used_sums WHERE {_WANTED} "  # noqa: S608 - ours
        "GROUP BY day ORDER BY day DESC LIMIT :most"
    ),
    SpendingBy.MODEL: text(
        f"SELECT model AS key, {_SUMS} FROM used_sums WHERE {_WANTED} "  # noqa: S608 - ours
        "GROUP BY model ORDER BY sum(dollars) DESC, sum(output_tokens) DESC, model LIMIT :most"
    ),
    SpendingBy.WORKFLOW: text(
        "SELECT spent.*, coalesce(gone.title || ' (deleted)', w.title) AS title, "  # noqa: S608 - ours
        "gone.workflow_id IS NOT NULL AS deleted "
        f"FROM (SELECT workflow_id::text AS key, {_SUMS} "
        f"FROM used_sums WHERE {_WANTED} GROUP BY workflow_id "
        "ORDER BY sum(dollars) DESC, sum(output_tokens) DESC, workflow_id LIMIT :most) spent "
        "LEFT JOIN workflows w ON w.id = CAST(spent.key AS uuid) "
        "LEFT JOIN deletions gone ON gone.workflow_id = CAST(spent.key AS uuid) "
        "ORDER BY dollars DESC, output_tokens DESC, key"
    ),
}
_OWN_CALLS: Final = text("""
    SELECT coalesce(sum(calls), 0)::bigint AS calls, coalesce(sum(tokens), 0)::bigint AS tokens,
           coalesce(sum(dollars), 0)::float AS dollars,
           coalesce(sum(unpriced_tokens), 0)::bigint AS unpriced_tokens
    FROM (
        SELECT count(*) AS calls, sum(counted_tokens) AS tokens, sum(cost) AS dollars,
               sum(counted_tokens) FILTER (WHERE cost IS NULL) AS unpriced_tokens
        FROM llm_calls
        WHERE started_at >= CAST(:since AS date)::timestamp AT TIME ZONE 'UTC'
          AND (CAST(:workflow_id AS uuid) IS NULL OR workflow_id = :workflow_id)
        UNION ALL
        SELECT calls, tokens, dollars, unpriced_tokens FROM llm_sums
        WHERE day >= :since AND (CAST(:workflow_id AS uuid) IS NULL OR workflow_id = :workflow_id)
    ) counted
""")


def spending(
    db: Database, *, by: SpendingBy, days: int, workflow_id: UUID | None = None
) -> SpendingView:
    """Return what models have cost.

    Args:
        by: what each row is about.
        days: with today, in UTC.
        workflow_id: of this workflow alone; None: of all.
    """
    with db.reading() as session:
        today = database_now(session).astimezone(UTC)
        since = today.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
        given = {"since": since.date(), "workflow_id": workflow_id}
        rows = _rows(session, _ROWS[by], {**given, "most": _MOST_ROWS})
        [total] = _rows(session, _TOTAL, given)
        own = session.execute(_OWN_CALLS, given).mappings().one()
    return SpendingView(
        since=since,
        total=total,
        rows=rows[::-1] if by is SpendingBy.DAY else rows,
        own_calls=OwnCalls(**own),
    )


def _rows(session: Session, statement: Any, given: dict[str, Any]) -> list[SpendingRow]:
    return [SpendingRow(**row) for row in session.execute(statement, given).mappings()]
