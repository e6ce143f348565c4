"""The usual time and cost of a definition's runs, and whether hosts can take another one.

A crossing into the tables of workflows, tasks and costs, which only reads.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from hephaestus_core.conditions.readiness import Need, Readiness, readiness
from hephaestus_core.conditions.store import hosts_of
from hephaestus_core.db.engine import Database
from hephaestus_core.tasks.states import LIVE

#: Newest runs that count, and those among which they are looked for.
_RUNS: Final = 9
_LOOKED_AT: Final = 60
_USUAL: Final = text("""
    WITH newest AS (
        SELECT id, status, created_at FROM workflows WHERE definition_id = :definition_id
        ORDER BY created_at DESC LIMIT :looked_at
    ), ended AS (
        SELECT w.id, w.created_at FROM newest w
        WHERE w.status <> 'stopped'
          AND EXISTS (SELECT FROM tasks t WHERE t.workflow_id = w.id AND t.status = 'done')
          AND NOT EXISTS (SELECT FROM tasks t WHERE t.workflow_id = w.id AND t.status = ANY(:live))
        ORDER BY w.created_at DESC LIMIT :runs
    )
    SELECT count(*) AS runs,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY took.seconds) AS seconds,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY spent.dollars) AS dollars,
           bool_or(spent.unpriced) AS unpriced
    FROM ended e, LATERAL (
        SELECT extract(epoch FROM max(completed_at) - e.created_at)::float8 AS seconds
        FROM tasks WHERE workflow_id = e.id
    ) took, LATERAL (
        SELECT coalesce(sum(dollars), 0)::float8 AS dollars,
               coalesce(sum(unpriced_tokens), 0) > 0 AS unpriced
        FROM used_sums WHERE workflow_id = e.id
    ) spent
""")


@dataclass(frozen=True)
class Usual:
    """The medians of the last runs that ended by themselves with work done."""

    runs: int
    seconds: float
    dollars: float
    unpriced: bool
    """Some of it has no known price."""


@dataclass(frozen=True)
class Outlook:
    """What a launch may expect now."""

    readiness: Readiness
    usual: Usual | None
    """None: no run has ended yet."""


def outlook(db: Database, definition_id: str, needs: Iterable[Need], repository: str) -> Outlook:
    """Return whether hosts can take a launch, and what it usually takes.

    Args:
        definition_id: of what is to be launched.
        needs: of its phases.
        repository: to be worked on, without a login.
    """
    given = {
        "definition_id": definition_id,
        "live": sorted(LIVE),
        "runs": _RUNS,
        "looked_at": _LOOKED_AT,
    }
    with db.reading() as session:
        ready = readiness(needs, hosts_of(session), repository)
        found = session.execute(_USUAL, given).mappings().one()
    return Outlook(ready, Usual(**found) if found["runs"] else None)
