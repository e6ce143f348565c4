"""What attempts have used and created so far, for the rules about bounds."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from hephaestus_core.agents import store as agents
from hephaestus_core.costs import sums
from hephaestus_core.costs.views import Spent
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.tasks import store as tasks


@dataclass(frozen=True)
class Usage:
    """What one attempt has used."""

    seconds: float
    """Since its program had the prompt."""
    spent: Spent


def usage_of(db: Database, agent_ids: Collection[UUID]) -> dict[UUID, Usage]:
    """Return what each of these attempts has used, as far as the ledger knows."""
    with db.reading() as session:
        spent = sums.of_agents(session, list(agent_ids))
        now = database_now(session)
        return {
            agent.id: Usage(
                (now - (agent.running_at or agent.started_at)).total_seconds(),
                spent.get(agent.id, Spent()),
            )
            for agent in agents.of_ids(session, agent_ids)
        }


def created_by(db: Database, agent_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many tasks each of these agents has created."""
    with db.reading() as session:
        counts = tasks.counts_created(session, agent_ids)
    return {agent_id: counts.get(agent_id, 0) for agent_id in agent_ids}
