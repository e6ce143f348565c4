"""Lookup of a thing by a unique prefix of its id."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, column, literal, select, table, union_all

from hephaestus_core.contract.errors import AmbiguousId, NotFound
from hephaestus_core.contract.ids import IdKind, id_span, nouns
from hephaestus_core.db.engine import Database

#: Most candidates in a refusal.
_LISTED: Final = 5

#: Names tables of other capabilities, of which it reads only the primary keys.
_TABLES: Final = {
    IdKind.WORKFLOW: "workflows",
    IdKind.TASK: "tasks",
    IdKind.AGENT: "agents",
    IdKind.RESULT: "results",
    IdKind.MERGE: "merges",
    IdKind.QUESTION: "questions",
    IdKind.BUDGET: "budgets",
    IdKind.MEMORY: "memories",
    IdKind.INTERVENTION: "interventions",
}


@dataclass(frozen=True)
class FoundId:
    """A thing's kind and its whole id."""

    kind: str
    id: UUID


def find_id(db: Database, beginning: str, kinds: Collection[IdKind]) -> FoundId:
    """Return the thing of these kinds with this prefix of its id.

    One statement reads at most a few entries of each primary key.

    Raises:
        NotFound: no id has the prefix.
        AmbiguousId: several ids have it; ``details["candidates"]`` lists the first of them.
        InvalidInput: the prefix is too short.
    """
    low, high = id_span(beginning, kinds)
    with db.reading() as session:
        parts = [_begin(kind, low, high).subquery() for kind in kinds]
        rows = session.execute(union_all(*(select(part) for part in parts))).all()
    if not rows:
        raise NotFound(f"No {nouns(kinds)} begins with {beginning.strip()}.")
    if len(rows) > 1:
        raise _ambiguous(beginning.strip(), rows)
    return FoundId(rows[0].kind, rows[0].id)


def _begin(kind: IdKind, low: UUID, high: UUID) -> Select[str, UUID]:
    key = column("id", Uuid())
    query = select(literal(str(kind)).label("kind"), key).select_from(table(_TABLES[kind]))
    return query.where(key.between(low, high)).order_by(key).limit(_LISTED + 1)


def _ambiguous(beginning: str, rows: Sequence[Row[Any]]) -> AmbiguousId:
    shown = rows[:_LISTED]
    more = " and others" if len(rows) > _LISTED else ""
    listed = ", ".join(f"{row.kind} {row.id}" for row in shown)
    return AmbiguousId(
        f"{beginning} is the beginning of several ids: {listed}{more}; give more characters.",
        field="id",
        details={"candidates": [{"kind": row.kind, "id": str(row.id)} for row in shown]},
    )
