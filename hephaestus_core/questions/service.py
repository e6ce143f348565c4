"""People read and answer questions; what nobody answers expires."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from hephaestus_core.agents import parking
from hephaestus_core.contract.errors import Conflict
from hephaestus_core.contract.statuses import (
    QuestionStatus,
    SenderKind,
    TaskStatus,
    checked_word,
)
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.db.isolated import for_each
from hephaestus_core.messages import service as messages
from hephaestus_core.questions import store
from hephaestus_core.questions.models import Question
from hephaestus_core.questions.rules import chosen, outcome_told
from hephaestus_core.questions.views import QuestionView, view
from hephaestus_core.tasks import store as tasks

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

Cursor = tuple[datetime, UUID]


def get_question(db: Database, question_id: UUID) -> QuestionView:
    """Return one question.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        return view(store.get(session, question_id))


def page_of_questions(
    db: Database,
    *,
    workflow_id: UUID | None = None,
    task_id: UUID | None = None,
    status: str | None = None,
    limit: int = 50,
    cursor: Cursor | None = None,
) -> tuple[list[QuestionView], Cursor | None]:
    """Return a page of questions, newest first, and the cursor of the next page.

    Raises:
        InvalidInput: ``status`` is none of a question.
    """
    wanted = {
        Question.workflow_id: workflow_id,
        Question.task_id: task_id,
        Question.status: None if status is None else checked_word(QuestionStatus, status, "status"),
    }
    query = select(Question).order_by(Question.asked_at.desc(), Question.id.desc())
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if cursor is not None:
        query = query.where(tuple_(Question.asked_at, Question.id) < cursor)
    with db.reading() as session:
        found = [view(each) for each in session.scalars(query.limit(limit + 1))]
    shown = found[:limit]
    return shown, (shown[-1].asked_at, shown[-1].id) if len(found) > limit else None


def answer(
    db: Database,
    question_id: UUID,
    *,
    answer: str | None = None,
    option: int | None = None,
    by: str,
) -> QuestionView:
    """Answer a question; the agent gets the answer, or the next attempt at its task does.

    Args:
        answer: in words; any are taken, whatever the options.
        option: or the number of an option, from 1.
        by: the name of the person.

    Raises:
        NotFound: there is no such question.
        Conflict: it is no longer open.
        InvalidInput: both or none of them is given, or there is no such option.
    """
    with db.transaction() as session:
        return view(settle(session, question_id, answer=answer, option=option, by=by))


def settle(
    session: Session,
    question_id: UUID,
    *,
    answer: str | None = None,
    option: int | None = None,
    by: str,
) -> Question:
    """Answer a question as :func:`answer` does; joins the open transaction."""
    task, question = _locked(session, question_id)
    if question.status != QuestionStatus.OPEN:
        raise Conflict(_no_longer_open(question))
    question.answer, question.answered_by = chosen(question.options, answer, option), by
    told = {"answer": question.answer[:500], "answered_by": by}
    store.move(session, question, QuestionStatus.ANSWERED, **told)
    _go_on(session, task, question, sender=by, kind=SenderKind.PERSON)
    return question


def expire(db: Database) -> int:
    """Let the open questions expire whose time is over; returns how many were found."""
    with db.reading() as session:
        overdue = store.overdue(session)
    for_each(partial(_expire_one, db), overdue, work="questions.expire")
    return len(overdue)


def _expire_one(db: Database, question_id: UUID) -> None:
    with db.transaction() as session:
        task, question = _locked(session, question_id)
        is_open = question.status == QuestionStatus.OPEN
        if not is_open or question.expires_at > database_now(session):
            return
        store.move(session, question, QuestionStatus.EXPIRED)
        _go_on(session, task, question, sender="Hephaestus", kind=SenderKind.SYSTEM)


def _locked(session: Session, question_id: UUID) -> "tuple[Task, Question]":
    task = tasks.lock(session, store.get(session, question_id).task_id)
    return task, store.lock(session, question_id)


def _go_on(
    session: Session, task: "Task", question: Question, *, sender: str, kind: SenderKind
) -> None:
    """Let a locked task go on with a settled question.

    The prompt of the next attempt tells what was asked and answered, if the attempt was parked for
    that. If it is still ending, its end finds the question settled.
    """
    newest = parking.newest_attempt(session, task)
    if newest is not None and newest.parked_for != question.id:
        words = outcome_told(question.text, question.answer)
        messages.add(session, newest.id, words, sender=sender, kind=kind)
    elif task.status == TaskStatus.BLOCKED:
        parking.wake(session, task)


def _no_longer_open(question: Question) -> str:
    said = {
        QuestionStatus.ANSWERED: f"{question.answered_by} has answered it: {question.answer}",
        QuestionStatus.EXPIRED: "it has expired, and the agent decides by itself",
        QuestionStatus.CANCELLED: "its task has ended",
    }
    return f"Question {question.id} is no longer open: {said[question.status]}"
