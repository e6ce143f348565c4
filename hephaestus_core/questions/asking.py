"""Agents ask a person: they go on meanwhile, or end until the answer."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import reports
from hephaestus_core.agents import store as agents
from hephaestus_core.agents.allowances import count_message
from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.errors import Conflict, TransitionRefused
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import QuestionStatus, TaskStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.messages.told import is_on_its_way
from hephaestus_core.questions import store
from hephaestus_core.questions.models import Question
from hephaestus_core.questions.rules import (
    MOST_OPEN,
    checked_options,
    checked_question,
    outcome_told,
)
from hephaestus_core.questions.views import QuestionView, view
from hephaestus_core.workflows.limits import refusals_told

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task


def ask(
    db: Database,
    agent_id: UUID,
    question: str,
    *,
    options: Sequence[str] = (),
    wait: bool = False,
    hours: float,
    anew: bool = False,
) -> QuestionView:
    """Ask a person on behalf of an agent at its task.

    An equal question that is open is not asked again. If an earlier attempt at the task got an
    answer to it, or none in time, that stands, and nobody waits. So does what this attempt is still
    to hear.

    Args:
        options: the answers to choose from; empty: any text.
        wait: end the attempt, with its work and its conversation kept. The task waits without a
            slot and is queued before all others once the question is settled.
        hours: until it expires.
        anew: ask also what was settled before: what has been answered does not help.

    Raises:
        StaleAttempt: the agent's attempt is over.
        InvalidInput: the question or an option is empty or too long, or there are too many options.
        TransitionRefused: the task was reported done.
        Conflict: too many questions of the task are open.
        LimitReached: the agent has sent too many messages within a minute.
    """
    words, choices = checked_question(question), checked_options(options)
    with refusals_told(db), db.transaction() as session:
        task, agent = agents.lock_current(session, agent_id)
        if task.status == TaskStatus.UNDER_REVIEW:
            raise TransitionRefused(
                "You have reported your task done; name open questions in your next summary."
            )
        agent.last_report_at = database_now(session)
        if task.status == TaskStatus.ASSIGNED:
            reports.note_running(session, task, agent)
        found = _still_to_hear(session, agent, words, choices)
        if found is None:
            found = store.asked_before(session, task.id, agent.id, words, choices)
            if anew and found is not None and found.status != QuestionStatus.OPEN:
                found = None
        if found is None:
            found = _add(session, task, agent, words, choices, wait=wait, hours=hours)
        if wait and found.status == QuestionStatus.OPEN:
            agents.park(session, agent, found.id, "waits for a person's answer")
        return view(found)


def _still_to_hear(
    session: Session, agent: "Agent", text: str, options: list[str]
) -> Question | None:
    """Return a settled equal question whose outcome the agent has not got: the calls crossed."""
    settled = store.settled_of(session, agent.id, text, options)
    if settled is None or settled.id == agent.parked_for:
        return settled
    words = outcome_told(settled.text, settled.answer)
    return settled if is_on_its_way(session, agent.task_id, words) else None


def _add(
    session: Session,
    task: "Task",
    agent: "Agent",
    text: str,
    options: list[str],
    *,
    wait: bool,
    hours: float,
) -> Question:
    if store.count_open(session, task.id) >= MOST_OPEN:
        raise Conflict(
            f"Your task has {MOST_OPEN} open questions, the most at once. Wait for an answer, or "
            "decide yourself and say why in your summary."
        )
    count_message(session, agent)
    return _new(session, task, agent, text, options, wait=wait, hours=hours)


def park_for_person(
    session: Session, task: "Task", agent: "Agent", text: str, *, hours: float
) -> Question | None:
    """End a locked agent until a person has answered a question of the Guardian about it.

    Joins the open transaction. None: too many questions of the task are open already.
    """
    if store.count_open(session, task.id) >= MOST_OPEN:
        return None
    words = checked_question(text)
    question = _new(session, task, agent, words, [], wait=True, hours=hours)
    agents.park(session, agent, question.id, "waits for a person's answer")
    return question


def _new(
    session: Session,
    task: "Task",
    agent: "Agent",
    text: str,
    options: list[str],
    *,
    wait: bool,
    hours: float,
) -> Question:
    question = Question(
        workflow_id=task.workflow_id,
        task_id=task.id,
        agent_id=agent.id,
        text=text,
        options=options,
        status=QuestionStatus.OPEN,
        expires_at=database_now(session) + timedelta(hours=hours),
    )
    session.add(question)
    session.flush()
    store.tell(
        session,
        question,
        EventType.QUESTION_ASKED,
        text=text[:500],
        options=options,
        wait="yes" if wait else "no",
        expires_at=rfc3339(question.expires_at),
    )
    return question
