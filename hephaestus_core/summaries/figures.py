"""Figures of the whole system, for monitoring."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from hephaestus_core.changes.states import OPEN
from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import last_seq
from hephaestus_core.hosts import orphans
from hephaestus_core.tasks.states import LIVE

#: Every query reads only live rows, from an index of its own.
_QUEUE: Final = text("""
    SELECT count(*), coalesce(extract(epoch FROM now() - min(queued_at)), 0)::float8
    FROM tasks WHERE status = 'queued'
""")
_RUNNING: Final = text("SELECT host, count(*) FROM agents WHERE ended_at IS NULL GROUP BY host")
_TASKS: Final = text("SELECT status, count(*) FROM tasks WHERE status = ANY(:live) GROUP BY status")
_MERGES: Final = text("""
    SELECT status, count(*) FROM merges WHERE status IN ('pending', 'conflict') GROUP BY status
""")
_HOSTS: Final = text("""
    SELECT CASE WHEN h.status <> 'active' THEN h.status
                WHEN h.lease_expires_at <= now() THEN 'silent'
                WHEN h.draining THEN 'draining'
                WHEN u.host IS NOT NULL THEN 'unwell' ELSE 'active' END AS condition, count(*)
    FROM hosts h LEFT JOIN (
        SELECT DISTINCT f.host FROM host_faults f WHERE f.status = 'unwell' AND f.repository = ''
    ) u ON u.host = h.name GROUP BY condition
""")

_CLOCKS: Final = text("""
    SELECT name, clock_ahead_seconds FROM hosts
    WHERE status = 'active' AND clock_ahead_seconds IS NOT NULL
""")

#: Seconds since the Guardian last looked at the agents of each live host, and whether all is well.
_SWEEPS: Final = text("""
    SELECT name, extract(epoch FROM now() - coalesce(swept_at, registered_at))::float8,
           sweep_alarm IS NOT NULL
    FROM hosts WHERE status = 'active'
""")

#: Seconds since a bell last came out of the queue of each live host, and whether it is to be told.
_CANARIES: Final = text("""
    SELECT name, extract(epoch FROM now() - coalesce(canary_heard_at, registered_at))::float8,
           canary_alarm IS NOT NULL
    FROM hosts WHERE status = 'active'
""")

_LIVE: Final = sorted(LIVE)
_CONDITIONS: Final = ("active", "draining", "unwell", "silent", "lost")


@dataclass(frozen=True)
class Figures:
    """Figures at one moment."""

    queued: int
    oldest_queued_seconds: float
    running: dict[str, int]
    """Live agents by host."""
    tasks: dict[str, int]
    """Tasks that have not ended, by state."""
    merges: dict[str, int]
    """Merges that are not done, by state."""
    hosts: dict[str, int]
    """By condition: active, draining, unwell, silent (its lease has run out) or lost."""
    clocks: dict[str, float]
    """By how many seconds the clock of each live host is ahead of the database's."""
    sweep_ages: dict[str, float]
    """Seconds since the Guardian last looked at the agents of each live host."""
    sweep_alarms: dict[str, int]
    """1 for each live host whose agents are not watched as they should be, else 0."""
    canary_ages: dict[str, float]
    """Seconds since a canary last came out of the queue of each live host."""
    canary_alarms: dict[str, int]
    """1 for each live host that has not heard its canary for too long, else 0."""
    orphans: dict[str, int]
    """What no row claims on all hosts, by kind."""
    last_event: int


def figures(db: Database) -> Figures:
    """Return the present figures."""
    with db.reading() as session:
        sweeps = session.execute(_SWEEPS).all()
        canaries = session.execute(_CANARIES).all()
        queued, oldest = session.execute(_QUEUE).one()
        return Figures(
            queued=queued,
            oldest_queued_seconds=oldest,
            running=_counts(session, _RUNNING),
            tasks=dict.fromkeys(_LIVE, 0) | _counts(session, _TASKS, live=_LIVE),
            merges=dict.fromkeys(sorted(OPEN), 0) | _counts(session, _MERGES),
            hosts=dict.fromkeys(_CONDITIONS, 0) | _counts(session, _HOSTS),
            clocks={row[0]: row[1] for row in session.execute(_CLOCKS)},
            sweep_ages={row[0]: row[1] for row in sweeps},
            sweep_alarms={row[0]: int(row[2]) for row in sweeps},
            canary_ages={row[0]: row[1] for row in canaries},
            canary_alarms={row[0]: int(row[2]) for row in canaries},
            orphans=orphans.numbers(session),
            last_event=last_seq(session),
        )


def _counts(session: Session, query: TextClause, **given: object) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(query, given)}
