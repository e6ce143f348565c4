"""What one agent may create, counted in its locked row."""

from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hephaestus_core.agents.models import Agent
from hephaestus_core.contract.statuses import TaskKind
from hephaestus_core.db.engine import database_now
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.limits import limits_of, refuse

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow

_MINUTE: Final = timedelta(minutes=1)


def most_tasks(workflow: "Workflow", kind: TaskKind) -> int:
    """Return how many tasks an agent at a task of this kind may create."""
    most: int = getattr(limits_of(workflow), KINDS[kind].creation_limit)
    return most


def count_task(session: Session, agent: Agent, kind: TaskKind) -> None:
    """Count one more task that the locked agent creates; its own task is of this kind.

    Raises:
        LimitReached: it has created as many as it may; at a diagnosis all attempts count as one.
    """
    workflow = workflows.get(session, agent.workflow_id)
    created = created_at(session, agent.task_id) if KINDS[kind].creates_apart else None
    if (agent.tasks_created if created is None else created) >= most_tasks(workflow, kind):
        raise refuse(workflow, KINDS[kind].creation_limit, agent_id=agent.id)
    agent.tasks_created += 1


def created_at(session: Session, task_id: UUID) -> int:
    """Return how many tasks all attempts at a task have created."""
    query = select(func.coalesce(func.sum(Agent.tasks_created), 0))
    return int(session.scalars(query.where(Agent.task_id == task_id)).one())


def count_message(session: Session, agent: Agent) -> None:
    """Count one more message that the locked agent sends.

    Raises:
        LimitReached: it has sent as many as it may within a minute.
    """
    now = database_now(session)
    if agent.messages_since is None or now >= agent.messages_since + _MINUTE:
        agent.messages_since, agent.messages_sent = now, 0
    workflow = workflows.get(session, agent.workflow_id)
    if agent.messages_sent >= limits_of(workflow).messages_per_minute:
        wait = _seconds_left(agent.messages_since, now)
        raise refuse(workflow, "messages_per_minute", agent_id=agent.id, retry_after=wait)
    agent.messages_sent += 1


def _seconds_left(since: datetime, now: datetime) -> int:
    return max(1, ceil((since + _MINUTE - now).total_seconds()))
