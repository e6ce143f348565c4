"""Use cases of the Guardian's sweeps."""

from collections.abc import Mapping
from uuid import UUID

from hephaestus_core.agents import store as agents
from hephaestus_core.agents import watches
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.guardian.watching import Glimpse, watched
from hephaestus_core.hosts import sweeps


def record_looks(db: Database, seen: Mapping[UUID, Glimpse]) -> None:
    """Keep what a host saw of its agents."""
    if not seen:
        return
    with db.transaction() as session:
        known = watches.watches_of(session, seen)
        looks = watches.histories_of(session, seen)
        commits = agents.checkpoints_of(session, seen)
        now = database_now(session)
        watches.record(
            session,
            {
                agent_id: watched(
                    known.get(agent_id),
                    looks.get(agent_id, []),
                    glimpse,
                    commit=commits.get(agent_id),
                    now=now,
                )
                for agent_id, glimpse in seen.items()
                if agent_id in commits
            },
        )


def record_sweep(db: Database, host: str, alarm: str | None) -> None:
    """Record the end of a host's sweep.

    Args:
        alarm: why it did not see all agents; None: it did.
    """
    with db.transaction() as session:
        sweeps.note(session, host, alarm)


def find_late_sweeps(db: Database, *, interval: float) -> list[str]:
    """Raise the alarm for each host whose sweep is late; returns their names.

    Args:
        interval: seconds between two sweeps.
    """
    with db.transaction() as session:
        return sweeps.find_late(session, interval)
