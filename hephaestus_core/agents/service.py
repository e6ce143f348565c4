"""Use cases of agents for people and pipelines."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from hephaestus_core.agents import store
from hephaestus_core.agents.claims import count_live
from hephaestus_core.agents.models import Agent
from hephaestus_core.agents.states import ENDED
from hephaestus_core.agents.views import AgentView, view
from hephaestus_core.agents.watches import watches_of
from hephaestus_core.bells import reconcile_bell
from hephaestus_core.contract.errors import Conflict
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.db.engine import Database, database_now, ring
from hephaestus_core.tasks import store as tasks
from hephaestus_core.trajectories.store import newest_of


def get_agent(db: Database, agent_id: UUID) -> AgentView:
    """Return one agent.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        agent = store.get(session, agent_id)
        return views_of(session, [agent])[0]


def list_agents(
    db: Database, *, workflow_id: UUID | None = None, live: bool = False, limit: int = 200
) -> list[AgentView]:
    """Return agents, newest first; ``live`` leaves out those that have ended."""
    return page_of_agents(db, workflow_id=workflow_id, live=live, limit=limit)[0]


def page_of_agents(
    db: Database,
    *,
    workflow_id: UUID | None = None,
    task_id: UUID | None = None,
    live: bool = False,
    limit: int = 50,
    cursor: tuple[datetime, UUID] | None = None,
) -> tuple[list[AgentView], tuple[datetime, UUID] | None]:
    """Return a page of agents, newest first, and the cursor of the next page."""
    query = select(Agent).order_by(Agent.started_at.desc(), Agent.id.desc()).limit(limit + 1)
    if workflow_id is not None:
        query = query.where(Agent.workflow_id == workflow_id)
    if task_id is not None:
        query = query.where(Agent.task_id == task_id)
    if live:
        query = query.where(Agent.ended_at.is_(None))
    if cursor is not None:
        query = query.where(tuple_(Agent.started_at, Agent.id) < cursor)
    with db.reading() as session:
        rows = session.scalars(query).all()
        shown = views_of(session, rows[:limit])
    return shown, (shown[-1].started_at, shown[-1].id) if len(rows) > limit else None


def views_of(
    session: Session, rows: Sequence[Agent], titles: Mapping[UUID, str] | None = None
) -> list[AgentView]:
    """Return agents as readers see them, in the same order.

    Args:
        titles: of their tasks, where the caller has read them.
    """
    ids = [agent.id for agent in rows]
    watches, trajectories = watches_of(session, ids), newest_of(session, ids)
    titles = titles or tasks.titles_of(session, {agent.task_id for agent in rows})
    return [
        view(agent, watches.get(agent.id), trajectories.get(agent.id), titles[agent.task_id])
        for agent in rows
    ]


def list_with_leftovers(db: Database, workflow_id: UUID, *, limit: int = 50) -> list[AgentView]:
    """Return the newest agents of a workflow that have left files or commits, or lost work."""
    left = or_(
        Agent.left_out_in.is_not(None), Agent.kept_in.is_not(None), Agent.lost_work.is_not(None)
    )
    query = (
        select(Agent)
        .where(Agent.workflow_id == workflow_id, left)
        .order_by(Agent.started_at.desc(), Agent.id.desc())
        .limit(limit)
    )
    with db.reading() as session:
        return [view(agent) for agent in session.scalars(query)]


def live_count(db: Database) -> int:
    """Return how many agents are alive in the whole system."""
    with db.reading() as session:
        return count_live(session)


def live_by_host(db: Database) -> dict[str, int]:
    """Return how many agents are alive on each host that has any."""
    counted = select(Agent.host, func.count()).where(Agent.ended_at.is_(None)).group_by(Agent.host)
    with db.reading() as session:
        return dict(session.execute(counted).tuples().all())


def request_stop(db: Database, agent_id: UUID, *, reason: str = "stopped by a person") -> AgentView:
    """Stop an agent: its work is saved and its task fails, to be restarted by a person.

    Raises:
        NotFound: there is none with this id.
        Conflict: it has ended already.
    """
    with db.transaction() as session:
        _, agent = store.lock_with_task(session, agent_id)
        if agent.status in ENDED:
            raise Conflict(f"Agent {agent_id} has ended already ({agent.status}).")
        agent.stop_requested_at = database_now(session)
        agent.stop_reason = plain_text(reason, "reason", limit=2000)
        agent.failure_class, agent.failure_reason = FailureClass.PERMANENT, agent.stop_reason
        store.move(session, agent, AgentStatus.STOPPING, reason=agent.stop_reason)
        ring(session, reconcile_bell(agent.host))
        return views_of(session, [agent])[0]
