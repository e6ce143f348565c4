"""What attempts have used so far, for the rules about their limits."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from hephaestus_core.agents import store as agents
from hephaestus_core.costs import sums
from hephaestus_core.costs.views import Spent
from hephaestus_core.db.engine import Database, database_now


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
