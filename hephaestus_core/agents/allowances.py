"""What one agent may create, counted in its locked row."""

from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy.orm import Session

from hephaestus_core.agents.models import Agent
from hephaestus_core.db.engine import database_now
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.limits import limits_of, refuse

_MINUTE: Final = timedelta(minutes=1)


def count_task(session: Session, agent: Agent) -> None:
    """Count one more task that the locked agent creates.

    Raises:
        LimitReached: it has created as many as one attempt may.
    """
    workflow = workflows.get(session, agent.workflow_id)
    if agent.tasks_created >= limits_of(workflow).tasks_per_attempt:
        raise refuse(workflow, "tasks_per_attempt", agent_id=agent.id)
    agent.tasks_created += 1


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
