"""The opinion of a model on a new task that looks like another one, where the rules are not sure.

It is asked for before the transaction that creates the task, which looks at the other one again.
"""

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import Field

from hephaestus_core.contract.llm import CallKind
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT, plain, plain_text
from hephaestus_core.contract.titles import checked_title
from hephaestus_core.db.engine import Database
from hephaestus_core.intake.comparing import Opinion, compared, most_alike, text_of
from hephaestus_core.intake.creation import TaskOrder, is_compared
from hephaestus_core.llm.service import Llm
from hephaestus_core.llm.views import Answer, Question
from hephaestus_core.tasks.marks import Alike

#: Most seconds that a creation waits for a model.
_SECONDS: Final = 5.0


class SameWork(Answer):
    """A model's answer on two tasks."""

    same_work: bool
    reason: str = Field(max_length=300)


def with_opinion(db: Database, llm: Llm | None, order: TaskOrder) -> TaskOrder:
    """Return the order with a model's opinion if it takes the task for one that exists.

    Without a model, or if it does not answer within five seconds, the order stays as it is.

    Args:
        db: no transaction of the caller may be open.
        llm: asks the model; None: nothing does.
        order: for the new task.

    Raises:
        InvalidInput: a text of the order is out of bounds.
    """
    if llm is None or order.compared is None or not is_compared(order):
        return order
    if not llm.can_ask(CallKind.DUPLICATE_JUDGE):
        return order
    other = _doubtful(db, order)
    if other is None:
        return order
    reply = llm.ask(
        Question(
            kind=CallKind.DUPLICATE_JUDGE,
            instructions=_instructions(),
            material={"new task": _text(order), "other task": text_of(other)},
            answer=SameWork,
            workflow_id=order.workflow_id,
            seconds=_SECONDS,
        )
    )
    if reply.answer is None or not reply.answer.same_work:
        return order
    reason = " ".join(plain(reply.answer.reason).split())
    return replace(order, opinion=Opinion(other.id, f"A model compared them: {reason}"))


def _doubtful(db: Database, order: TaskOrder) -> Alike | None:
    """Return the task that is most alike, if the rules do not know whether it is the same work."""
    values = {
        "workflow_id": order.workflow_id,
        "phase_id": order.phase_id,
        "title": checked_title(order.title, order.description),
        "description": plain_text(order.description, "description", limit=DESCRIPTION_LIMIT),
        "cli_tool": order.cli_tool,
        "cli_model": order.cli_model,
        "ticket_id": order.ticket_id,
    }
    new = compared(values, after=order.after, own_definition=order.done_definition or "")
    if new.text.length == 0 or order.compared is None:
        return None
    with db.reading() as session:
        found = most_alike(session, new)
    if found is None or found.same or not found.is_doubtful:
        return None
    return found.task if found.similarity >= order.compared.related else None


def _text(order: TaskOrder) -> str:
    return f"{order.title or ''}\n\n{order.description}".strip()


@cache
def _instructions() -> str:
    return (files(__package__) / "same_work.md").read_text(encoding="utf-8")
