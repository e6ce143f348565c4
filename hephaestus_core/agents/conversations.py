"""Conversations that outlive their attempt: noted at its end, gone on with by the next."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.agents import store
from hephaestus_core.agents.models import Agent
from hephaestus_core.agents.rules import resumes_in_a_row
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.db.engine import Database

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task


def earlier(session: Session, task: "Task", host: str, program: str) -> Agent | None:
    """Return the newest attempt of a locked task, if one with ``program`` on ``host`` resumes it.

    Args:
        program: the program of the attempt to come, with its model.
    """
    if task.attempt == 0:
        return None
    newest = select(Agent).where(Agent.task_id == task.id, Agent.attempt == task.attempt)
    found = session.scalar(newest)
    if found is None or found.conversation is None:
        return None
    same = found.host == host and found.programs[:1] == [program]
    return found if same and _row_after(found) is not None else None


def go_on(agent: Agent, resumed: Agent) -> None:
    """Let a new attempt go on with the conversation of an earlier one, at the same place."""
    agent.resumes_id = resumed.id
    agent.resumes_in_a_row = _row_after(resumed) or 0
    agent.worktree_id = resumed.worktree_id or resumed.id


def _row_after(ended: Agent) -> int | None:
    waited = ended.parked_for is not None or ended.failure_class == FailureClass.QUOTA
    return resumes_in_a_row(ended.resumes_in_a_row, waited=waited)


def begin_from_zero(db: Database, agent_id: UUID, *, reason: str) -> None:
    """Record that a starting attempt does not go on with the earlier conversation after all.

    Raises:
        StaleAttempt: the attempt is over.
    """
    with db.transaction() as session:
        _, agent = store.lock_current(session, agent_id)
        agent.resumes_id, agent.worktree_id, agent.resumes_in_a_row = None, None, 0
        agent.prompt = None
        store.tell(session, agent, EventType.AGENT_BEGAN_ANEW, reason=reason)
