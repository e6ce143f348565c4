"""Use cases of the Guardian."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.rules import SILENCE
from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.errors import StaleAttempt
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import AgentStatus, InterventionAction, TaskStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.guardian import interventions
from hephaestus_core.guardian.ending import end
from hephaestus_core.guardian.liveness import MOST_REMINDERS, Observation, assess
from hephaestus_core.guardian.observation import Label
from hephaestus_core.guardian.steering import GUARDIAN, reminder
from hephaestus_core.messages import service as messages

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent


def record_observation(db: Database, agent_id: UUID, seen: Observation) -> None:
    """Record a sweep's observation of an agent, and act on it: nothing, a reminder, or its end.

    An agent that has reported its task done only waits for its host to end it. One that does not
    have a message yet, such as what its review asks for, is not silent before it arrives.
    """
    with db.transaction() as session:
        try:
            task, agent = agents.lock_current(session, agent_id)
        except StaleAttempt:
            return
        if agent.status not in {AgentStatus.WORKING, AgentStatus.IDLE}:
            return
        if task.status == TaskStatus.UNDER_REVIEW:
            return
        assessment = assess(agent.status, agent.reminders, seen)
        if assessment is None:
            return
        agents.move(session, agent, assessment.status)
        if assessment.status == AgentStatus.WORKING:
            agent.reminders = 0
        elif assessment.action != "end" and _is_excused(session, agent):
            return
        elif assessment.action == "remind":
            agent.reminders += 1
            _remind(session, agent)
        elif assessment.action == "give_up":
            end(session, agent, seen.trouble or _silence(agent.reminders))
        elif assessment.action == "end" and seen.trouble is not None:
            _end(session, agent, seen.trouble, refused=seen.certain)


def _is_excused(session: Session, agent: "Agent") -> bool:
    """Say whether its silence means nothing: a person says so, or a message is on its way."""
    fine = interventions.is_fine(agent, database_now(session))
    return fine or messages.is_under_way(session, agent, but_from=GUARDIAN)


def _remind(session: Session, agent: "Agent") -> None:
    first = agent.reminders == 1
    interventions.add(
        session,
        agent,
        InterventionAction.STEER if first else InterventionAction.STEER_OTHERWISE,
        cause=Label.IDLE,
        key="idle",
        evidence=[f"reminder {agent.reminders} of {MOST_REMINDERS}"],
        text=reminder(agent.reminders),
    )
    agents.tell(session, agent, EventType.AGENT_REMINDED, reminders=agent.reminders)


def _end(session: Session, agent: "Agent", trouble: Trouble, *, refused: bool) -> None:
    end(session, agent, trouble)
    if refused:
        interventions.add(
            session,
            agent,
            InterventionAction.NEXT_PROGRAM,
            cause=Label.FAILING,
            key="key_refused",
            evidence=[trouble.reason],
        )


def _silence(reminders: int) -> Trouble:
    reason = f"{SILENCE} after {reminders} reminders"
    return Trouble(FailureClass.AGENT_FAULT, reason)
