"""Question rows; every function joins the open transaction."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import NotFound
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import QuestionStatus
from hephaestus_core.db.engine import database_now
from hephaestus_core.events.log import emit
from hephaestus_core.questions.models import Question
from hephaestus_core.questions.states import MACHINE

_EVENTS: Final = {
    QuestionStatus.ANSWERED: EventType.QUESTION_ANSWERED,
    QuestionStatus.EXPIRED: EventType.QUESTION_EXPIRED,
}


def get(session: Session, question_id: UUID) -> Question:
    """Return the question.

    Raises:
        NotFound: there is none with this id.
    """
    return _found(session.get(Question, question_id), question_id)


def lock(session: Session, question_id: UUID) -> Question:
    """Return the question locked for update. Lock its task before it.

    Raises:
        NotFound: there is none with this id.
    """
    query = select(Question).where(Question.id == question_id).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    return _found(found, question_id)


def asked_before(
    session: Session, task_id: UUID, agent_id: UUID, text: str, options: list[str]
) -> Question | None:
    """Return the newest equal question of a locked task, if an answer to it is one to this too.

    That is one that is open. One that was settled counts only for later attempts, which repeat what
    the earlier one asked.
    """
    query = select(Question).where(
        Question.task_id == task_id,
        Question.text == text,
        Question.options == options,
        Question.status != QuestionStatus.CANCELLED,
        (Question.status == QuestionStatus.OPEN) | (Question.agent_id != agent_id),
    )
    return session.scalars(query.order_by(Question.asked_at.desc()).limit(1)).first()


def settled_of(session: Session, agent_id: UUID, text: str, options: list[str]) -> Question | None:
    """Return the newest equal question of an attempt that was answered or has expired."""
    query = select(Question).where(
        Question.agent_id == agent_id,
        Question.text == text,
        Question.options == options,
        Question.status.in_(_EVENTS),
    )
    return session.scalars(query.order_by(Question.asked_at.desc()).limit(1)).first()


def count_open(session: Session, task_id: UUID) -> int:
    """Return how many questions of a task are open."""
    query = select(func.count()).where(
        Question.task_id == task_id, Question.status == QuestionStatus.OPEN
    )
    return session.scalar(query) or 0


def overdue(session: Session, *, limit: int = 500) -> list[UUID]:
    """Return the open questions whose time is over."""
    query = select(Question.id).where(
        Question.status == QuestionStatus.OPEN, Question.expires_at <= func.now()
    )
    return list(session.scalars(query.order_by(Question.expires_at).limit(limit)))


def move(session: Session, question: Question, status: QuestionStatus, **reported: Any) -> None:
    """Turn a locked question of a locked task to ``status`` and say so.

    Args:
        reported: values that go into the event, JSON only.

    Raises:
        TransitionRefused: the table of states has no such edge.
    """
    MACHINE.check(question.id, question.status, status)
    question.status = status
    question.ended_at = database_now(session)
    tell(session, question, _EVENTS[status], **reported)


def tell(session: Session, question: Question, type_: EventType, **data: Any) -> None:
    """Record an event of the question, with its attempt, task and workflow; see :func:`emit`."""
    emit(
        session,
        type_,
        workflow_id=question.workflow_id,
        task_id=question.task_id,
        agent_id=question.agent_id,
        question_id=str(question.id),
        **data,
    )


def _found(question: Question | None, question_id: UUID) -> Question:
    if question is None:
        raise NotFound(
            f"No question {question_id}; list the questions to see their ids.", field="question_id"
        )
    return question
