"""People overrule the Guardian: an agent is fine, or an act is taken back."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.states import ENDED
from hephaestus_core.agents.views import AgentView, view
from hephaestus_core.agents.watches import watches_of
from hephaestus_core.contract.errors import Conflict, InvalidInput
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import (
    AgentStatus,
    InterventionAction,
    SenderKind,
    TaskStatus,
)
from hephaestus_core.contract.texts import plain
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.guardian import interventions
from hephaestus_core.guardian.views import InterventionView
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.messages import service as messages
from hephaestus_core.questions import service as questions
from hephaestus_core.tasks import store as tasks

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.guardian.models import Intervention
    from hephaestus_core.tasks.models import Task

MOST_MINUTES: Final = 24 * 60
_TAKEN_BACK: Final = "The Guardian's last message is taken back: you are fine. Go on as before."
_GO_ON: Final = "The agent was fine. Go on as before."


def call_fine(db: Database, agent_id: UUID, *, minutes: float, by: str) -> AgentView:
    """Have the Guardian neither steer nor end an agent for a while; 0 minutes end that.

    Questions, refused keys and limits of its provider are acted on all the same: with them it
    cannot go on by itself.

    Raises:
        NotFound: there is no such agent.
        Conflict: it has ended.
        InvalidInput: fewer than 0 minutes, or more than a day.
    """
    if not 0 <= minutes <= MOST_MINUTES:
        raise InvalidInput(f"Give 0 to {MOST_MINUTES} minutes.", field="minutes")
    with db.transaction() as session:
        _, agent = agents.lock_with_task(session, agent_id)
        if agent.status in ENDED:
            raise Conflict(f"Agent {agent_id} has ended ({agent.status}); list the live agents.")
        agent.fine_until = database_now(session) + timedelta(minutes=minutes) if minutes else None
        agent.fine_by = by if minutes else None
        agents.tell(session, agent, EventType.AGENT_FINE, minutes=minutes, by=by)
        return view(agent, watches_of(session, [agent_id]).get(agent_id))


def undo(db: Database, intervention_id: UUID, *, by: str) -> InterventionView:
    """Take an act of the Guardian back; it does nothing more for this cause in this attempt.

    A message that has not arrived is withdrawn; one that has is followed by the person's word. A
    parked task goes on, and one that waits for the end of a limit does so at once.

    Raises:
        NotFound: there is no such act.
        Conflict: it was taken back before, or cannot be: the program has been ended.
    """
    with db.transaction() as session:
        row = interventions.get(session, intervention_id)
        task = tasks.lock(session, row.task_id)
        agent = agents.lock(session, row.agent_id)
        row = interventions.get(session, intervention_id, lock=True)
        if row.undone_at is not None:
            raise Conflict(f"{row.undone_by} has taken it back already.")
        if row.action == InterventionAction.WAIT:
            _end_wait(session, task, agent, by)
        else:
            _take_back(session, agent, row, by)
        row.undone_by, row.undone_at = by, database_now(session)
        told = {"intervention_id": row.id, "action": row.action, "cause": row.cause, "by": by}
        agents.tell(session, agent, EventType.AGENT_INTERVENTION_UNDONE, **told)
        return interventions.shown(session, row)


def _end_wait(session: Session, task: "Task", agent: "Agent", by: str) -> None:
    """Let a task go on at once that waits for the end of a limit.

    Raises:
        Conflict: it does not wait for that any more.
    """
    if agent.status == AgentStatus.STOPPING:
        # The end of its attempt decides when the next one begins, and has not been recorded yet.
        agent.failure_class = FailureClass.TRANSIENT
        agent.failure_reason = f"{plain(by)} has ended the wait for the limit"
        agent.failure_until, agent.program_failed = None, False
        task.retries = {k: n for k, n in task.retries.items() if k != FailureClass.TRANSIENT}
        return
    waits = task.status == TaskStatus.QUEUED and task.attempt == agent.attempt
    if not waits or task.due_at is None or task.due_at <= database_now(session):
        raise Conflict(
            f"Task {task.id} does not wait for a limit any more (it is {task.status}), so there is "
            "nothing to take back."
        )
    task.due_at = None
    ring_all(session)


def _take_back(session: Session, agent: "Agent", row: "Intervention", by: str) -> None:
    if row.action == InterventionAction.PARK and agent.parked_for is not None:
        questions.settle(session, agent.parked_for, answer=_GO_ON, by=by)
        return
    if agent.status in ENDED or row.text is None:
        raise Conflict(
            "Its program has been ended, which cannot be taken back; its work is saved, and its "
            "task goes on by itself."
        )
    message_id, row.message_id = row.message_id, None
    session.flush()  # the message may go only after what names it
    if message_id is not None and not messages.withdraw(session, message_id):
        row.message_id = message_id
        messages.add(session, agent.id, _TAKEN_BACK, sender=by, kind=SenderKind.PERSON)
