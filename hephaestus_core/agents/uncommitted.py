"""What agents leave uncommitted where committing is their own business.

A host keeps it in a snapshot: a commit that no branch of work ever holds. The next attempt at the
task gets it back as what it was, uncommitted changes.
"""

from uuid import UUID

from sqlalchemy import select

from hephaestus_core.agents import store
from hephaestus_core.agents.models import Agent
from hephaestus_core.db.engine import Database


def record_uncommitted(db: Database, agent_id: UUID, *, commit: str | None) -> None:
    """Record the newest snapshot of an agent's uncommitted work; None: all of it is committed.

    Raises:
        NotFound: there is no such agent.
    """
    with db.transaction() as session:
        store.lock(session, agent_id).uncommitted_commit = commit


def take_over_uncommitted(db: Database, agent_id: UUID) -> str | None:
    """Let an attempt have what the one before it left uncommitted; return its snapshot, if any.

    An attempt that did not come to be started passes on what it would have had.

    Raises:
        NotFound: there is no such agent.
    """
    with db.transaction() as session:
        agent = store.lock(session, agent_id)
        earlier = (
            select(Agent.uncommitted_commit)
            .where(
                Agent.task_id == agent.task_id,
                Agent.attempt < agent.attempt,
                Agent.base_commit.is_not(None),
            )
            .order_by(Agent.attempt.desc())
            .limit(1)
        )
        agent.uncommitted_commit = session.scalar(earlier)
        return agent.uncommitted_commit
