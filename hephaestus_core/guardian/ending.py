"""Ends of attempts by the Guardian: the retry policy of the failure decides what comes next."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.views import Trouble
from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.db.engine import database_now, ring

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent


def end(session: Session, agent: "Agent", trouble: Trouble) -> None:
    """Have a locked agent's host end its attempt, with its work saved."""
    agents.note_trouble(agent, trouble)
    agent.stop_requested_at = database_now(session)
    agents.move(session, agent, AgentStatus.STOPPING, reason=trouble.reason)
    ring(session, Bell(CeleryTaskName.FINISH_AGENT, host_queue(agent.host), (str(agent.id),)))
