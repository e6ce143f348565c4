"""What attempts have used, created and been told so far, for the rules."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from hephaestus_core.agents import store as agents
from hephaestus_core.costs import sums
from hephaestus_core.costs.views import Spent
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.messages.told import typed_counts
from hephaestus_core.tasks import store as tasks


@dataclass(frozen=True)
class Usage:
    """What one attempt has used."""

    seconds: float
    """Since its program had the prompt."""
    spent: Spent


@dataclass(frozen=True)
class Counts:
    """What the database counts of one attempt."""

    created: int
    """Tasks that it has created."""
    typed: int
    """How often a message was typed into its terminal."""


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


def counts_of(db: Database, agents_with_tasks: Mapping[UUID, UUID]) -> dict[UUID, Counts]:
    """Return what is counted of each of these agents.

    Args:
        agents_with_tasks: the tasks of the agents, by the agents' ids.
    """
    with db.reading() as session:
        created = tasks.counts_created(session, agents_with_tasks)
        typed = typed_counts(session, agents_with_tasks)
    return {each: Counts(created.get(each, 0), typed.get(each, 0)) for each in agents_with_tasks}
