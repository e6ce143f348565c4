"""Work of an agent that its host cannot push to the origin yet."""

from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store
from hephaestus_core.agents.models import Agent
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.states import ENDED


def record_save_failed(db: Database, agent_id: UUID, *, reason: str, path: str) -> float:
    """Record that an agent's last work could not be saved; only the first time emits an event.

    Returns for how many seconds saving has failed.

    Args:
        path: folder with the work, on the agent's host.

    Raises:
        NotFound: there is no such agent.
    """
    with db.transaction() as session:
        agent = store.lock(session, agent_id)
        now = database_now(session)
        if agent.unsaved_since is None:
            agent.unsaved_since = now
            store.tell(
                session,
                agent,
                EventType.AGENT_SAVE_FAILED,
                host=agent.host,
                path=path,
                reason=reason,
            )
        return (now - agent.unsaved_since).total_seconds()


def record_saved_late(db: Database, agent_id: UUID, *, commit: str | None) -> None:
    """Record that an agent's last work was saved after failures, or after its host was lost.

    If the attempt has ended meanwhile, its retry or restart continues from there, unless it is to
    go back to an earlier commit. Otherwise nothing changes.

    Args:
        commit: newest commit of the work; None if there was none.

    Raises:
        NotFound: there is no such agent.
    """
    with db.transaction() as session:
        task, agent = store.lock_with_task(session, agent_id)
        is_new = commit is not None and commit != agent.checkpoint_commit
        if agent.unsaved_since is None and not (agent.status == AgentStatus.LOST and is_new):
            return
        agent.unsaved_since = None
        agent.checkpoint_commit = commit or agent.checkpoint_commit
        waits = task.status in {TaskStatus.QUEUED, TaskStatus.BLOCKED, *ENDED}
        if waits and task.attempt == agent.attempt and agent.goes_back_to is None:
            tasks.go_on_from(task, commit)
        store.tell(session, agent, EventType.AGENT_WORK_SAVED, commit=commit)


def tell_kept(session: Session, agent: Agent, *, reason: str, path: str) -> None:
    """Emit the event that an attempt has ended with work that only its host has."""
    store.tell(session, agent, EventType.AGENT_WORK_KEPT, host=agent.host, path=path, reason=reason)
