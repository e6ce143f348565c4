"""The opinion of a model on a new task that may be another one, where the rules are not sure.

It is asked for before the transaction that creates the task, which looks at the other one again.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Final
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from hephaestus_core.contract.llm import CallKind
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT, plain, plain_text
from hephaestus_core.contract.titles import checked_title
from hephaestus_core.db.engine import Database
from hephaestus_core.intake.comparing import (
    COLLECTION,
    Compared,
    Opinion,
    compared,
    doubtful_among,
    most_alike,
    text_of,
    vector_scope,
    whole_text,
)
from hephaestus_core.intake.creation import TaskOrder, is_compared
from hephaestus_core.llm.service import Llm
from hephaestus_core.llm.views import Answer, Question, Reply
from hephaestus_core.tasks.marks import Alike, newest_of_parent
from hephaestus_core.vectors.service import Vectors

#: Most seconds that a creation waits for a model.
_SECONDS: Final = 5.0
#: Tasks that vectors find.
_MOST_NEAR: Final = 5
#: Tasks that a model compares with the new one at once.
_MOST_COMPARED: Final = 5


class SameWork(Answer):
    """A model's answer on a new task and some others."""

    same_as: int = Field(ge=0, le=_MOST_COMPARED)
    reason: str = Field(max_length=300)


def with_opinion(
    db: Database, llm: Llm | None, order: TaskOrder, vectors: Vectors | None = None
) -> TaskOrder:
    """Return the order with a model's opinion if it takes the task for one that exists.

    Without a model the order stays as it is. If it does not answer within five seconds, the opinion
    says why, and the rules alone decide.

    Args:
        db: no transaction of the caller may be open.
        llm: asks the model; None: nothing does.
        order: for the new task.
        vectors: find a task in other words, if words find none; None: words alone do.

    Raises:
        InvalidInput: a text of the order is out of bounds.
    """
    if llm is None or order.compared is None or not is_compared(order):
        return order
    if not llm.can_ask(CallKind.DUPLICATE_JUDGE):
        return order
    others = _doubtful(db, order, vectors)
    if not others:
        return order
    texts = list(map(text_of, others))
    reply = _asked(llm, _text(order), texts, workflow_id=order.workflow_id)
    found = reply.answer
    if found is None:
        unanswered = f"No model compared them: {plain(reply.detail)}"
        return replace(order, opinion=Opinion(None, unanswered))
    if not 0 < found.same_as <= len(others):
        return order
    reason = " ".join(plain(found.reason).split())
    same = others[found.same_as - 1]
    return replace(order, opinion=Opinion(same.id, f"A model compared them: {reason}"))


def compare(
    llm: Llm, new: str, others: Sequence[str], *, workflow_id: UUID | None
) -> SameWork | None:
    """Ask a model which of the other texts asks for the work of the new one.

    None: it did not answer. It may name a text that there is not.
    """
    return _asked(llm, new, others, workflow_id=workflow_id).answer


def _asked(
    llm: Llm, new: str, others: Sequence[str], *, workflow_id: UUID | None
) -> Reply[SameWork]:
    told = {f"other task {n}": other for n, other in enumerate(others, start=1)}
    question = Question(
        kind=CallKind.DUPLICATE_JUDGE,
        instructions=_instructions(),
        material={"new task": new, **told},
        answer=SameWork,
        workflow_id=workflow_id,
        seconds=_SECONDS,
    )
    return llm.ask(question)


def _doubtful(db: Database, order: TaskOrder, vectors: Vectors | None) -> list[Alike]:
    """Return the tasks of which the rules do not know whether they are the same work.

    These are the task that is most alike, else the nearest one, and the newest of the same parent:
    an agent that orders one thing in many wordings finds other words each time.
    """
    new = _compared(order)
    if new.text.length == 0 or order.compared is None:
        return []
    with db.reading() as session:
        found = most_alike(session, new)
        siblings = _siblings(session, order)
    if found is not None and found.same:
        return []
    alike = found is not None and found.is_doubtful and found.similarity >= order.compared.related
    if found is not None and alike:
        first = [found.task]
    else:
        near = [] if vectors is None else _near(vectors, order, order.compared.similarity)
        with db.reading() as session:
            first = doubtful_among(session, new, near)[:1]
    with db.reading() as session:
        of_parent = doubtful_among(session, new, siblings)
    known = {each.id for each in first}
    return [*first, *(each for each in of_parent if each.id not in known)][:_MOST_COMPARED]


def _siblings(session: Session, order: TaskOrder) -> list[UUID]:
    """Return the newest tasks of the phase with the same parent."""
    if order.parent_task_id is None or order.phase_id is None:
        return []
    return newest_of_parent(
        session, order.workflow_id, order.phase_id, order.parent_task_id, most=_MOST_COMPARED
    )


def _compared(order: TaskOrder) -> Compared:
    values = {
        "workflow_id": order.workflow_id,
        "phase_id": order.phase_id,
        "title": checked_title(order.title, order.description),
        "description": plain_text(order.description, "description", limit=DESCRIPTION_LIMIT),
        "cli_tool": order.cli_tool,
        "cli_model": order.cli_model,
        "ticket_id": order.ticket_id,
    }
    return compared(values, after=order.after, own_definition=order.done_definition or "")


def _near(vectors: Vectors, order: TaskOrder, least: float) -> list[UUID]:
    """Return the tasks of the phase that are about as similar by their meaning, nearest first."""
    text = whole_text(checked_title(order.title, order.description), order.description)
    vector = vectors.embed_query(text)
    if vector is None:
        return []
    scope = vector_scope(order.workflow_id, order.phase_id)
    near = vectors.nearest(COLLECTION, [scope], vector, _MOST_NEAR)
    return [id_ for id_, similarity in near if similarity >= least]


def _text(order: TaskOrder) -> str:
    return f"{order.title or ''}\n\n{order.description}".strip()


@cache
def _instructions() -> str:
    return (files(__package__) / "same_work.md").read_text(encoding="utf-8")
