"""Facts that agents record for those who come after them."""

from collections.abc import Mapping
from uuid import UUID

from hephaestus_core.agents import store
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.facts import store as facts
from hephaestus_core.facts.rules import FactView, checked
from hephaestus_core.workflows import store as workflows


def record_facts(db: Database, agent_id: UUID, values: Mapping[str, str]) -> list[FactView]:
    """Record what the agent found out about its repository; return all that counts now.

    Raises:
        StaleAttempt: the agent's attempt is over.
        InvalidInput: see :func:`checked`.
    """
    given = checked(values)
    with db.transaction() as session:
        # Two agents that record the same at once wait for each other here.
        workflow = workflows.lock(session, store.get(session, agent_id).workflow_id)
        _, agent = store.lock_current(session, agent_id)
        agent.last_report_at = database_now(session)
        facts.record(session, workflow, given, recorded_by=f"agent {agent.id}", agent_id=agent.id)
        return facts.in_force(session, workflow)
