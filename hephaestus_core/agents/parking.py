"""Attempts that end until a person answers: their tasks wait without a slot."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from hephaestus_core.agents.models import Agent
from hephaestus_core.contract.budgets import WAITS_FOR_BUDGET
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.senders import introduced
from hephaestus_core.contract.statuses import QuestionStatus, SenderKind, TaskStatus, WorkflowStatus
from hephaestus_core.contract.texts import TEXT_LIMIT
from hephaestus_core.db.engine import database_now
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: SQL, since questions stand above agents. No row: it was parked for a budget.
_IS_OPEN: Final = text("SELECT status = 'open' FROM questions WHERE id = :id")

#: The newest ones, oldest first.
_SETTLED: Final = text("""
    SELECT * FROM (
        SELECT id, text, status, answer, answered_by, asked_at FROM questions
        WHERE task_id = :task_id AND status IN ('answered', 'expired')
        ORDER BY asked_at DESC, id LIMIT 10
    ) newest ORDER BY asked_at, id
""")

WAITED: Final = "it waited for a person"
_SETTLED_NOW: Final = "the question is settled"


def park(session: Session, task: "Task", agent: Agent) -> None:
    """Let a locked task wait for the answer, or the budget, for which its attempt has ended.

    If the question is no longer open, the task is queued at once. So is one without a budget, which
    no host claims before there is more. In a closed workflow, which must be locked too, it is
    cancelled.
    """
    tasks.go_on_from(task, agent.checkpoint_commit)
    task.failure_class = task.failure_reason = None
    if workflows.get(session, task.workflow_id).status != WorkflowStatus.ACTIVE:
        reason = f"{WAITED}; the workflow is closed"
        tasks.move(session, task, TaskStatus.CANCELLED, reason=reason)
        return
    is_open = session.scalar(_IS_OPEN, {"id": agent.parked_for})
    if is_open:
        tasks.move(session, task, TaskStatus.BLOCKED)
    else:
        wake(session, task, reason=WAITS_FOR_BUDGET if is_open is None else _SETTLED_NOW)


def wake(session: Session, task: "Task", *, reason: str = _SETTLED_NOW) -> None:
    """Queue a locked task whose question is settled, before all others.

    It is due now, so that the host with the conversation goes first for a while.
    """
    task.boosted, task.due_at = True, database_now(session)
    tasks.move(session, task, TaskStatus.QUEUED, reason=reason)


def newest_attempt(session: Session, task: "Task") -> Agent | None:
    """Return the agent of a locked task's newest attempt, ended or not; None before the first."""
    query = select(Agent).where(Agent.task_id == task.id, Agent.attempt == task.attempt)
    return session.scalar(query.execution_options(populate_existing=True))


def answers_of(session: Session, task: "Task", agent: Agent) -> list[str]:
    """Return the questions of earlier attempts that are settled, in words for an agent's prompt.

    An attempt that goes on with a conversation is told the one answer for which that was parked,
    also if attempts in between have died before they did anything.
    """
    if agent.attempt == 1:
        return []
    settled = list(session.execute(_SETTLED, {"task_id": task.id}).mappings())
    if agent.resumes_id is not None:
        untold = _parked_for(session, agent)
        settled = [each for each in settled if each["id"] in untold]
    return [_in_words(each) for each in settled]


def _parked_for(session: Session, agent: Agent) -> set[UUID | None]:
    """Return what earlier attempts were parked for, back to the newest that has reported."""
    query = select(Agent.parked_for, Agent.last_report_at).where(
        Agent.task_id == agent.task_id, Agent.attempt < agent.attempt
    )
    found: set[UUID | None] = set()
    for parked_for, last_report_at in session.execute(query.order_by(Agent.attempt.desc())):
        found.add(parked_for)
        if last_report_at is not None:
            break
    return found


def _in_words(settled: RowMapping) -> str:
    marks = Marks()
    question = marks.quoted("question that you asked", settled["text"])
    if settled["status"] == QuestionStatus.EXPIRED:
        return f"{question}\nNobody answered in time: decide yourself and say why in your summary."
    sender = introduced(SenderKind.PERSON, settled["answered_by"])
    return (
        f"{question}\n{marks.quoted(f'answer of {sender},', settled['answer'], limit=TEXT_LIMIT)}"
    )
