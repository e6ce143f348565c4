"""The acts of the list, each through the use case of the thing that waits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hephaestus_core.attention import service
from hephaestus_core.attention.views import ActView, AttentionView
from hephaestus_core.budgets.service import get_budget, raise_budget
from hephaestus_core.contract.attention import Act
from hephaestus_core.contract.budgets import Amount
from hephaestus_core.contract.errors import Conflict, InvalidInput
from hephaestus_core.db.engine import Database
from hephaestus_core.lifecycle.approving import approve_delivery
from hephaestus_core.lifecycle.service import stop_workflow
from hephaestus_core.questions.service import answer
from hephaestus_core.reviews.verdicts import decide
from hephaestus_core.tasks.service import cancel_task, restart_task


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person wants to be done, with what the act needs."""

    by: str
    text: str = ""
    """The answer, or the reason."""
    option: int | None = None
    """Number of the chosen answer, from 1."""
    minutes: int = 30
    commit: str | None = None
    """The commit that the person has looked at; None: the present one."""


def perform(db: Database, item_id: UUID, act: Act, wish: Wish) -> AttentionView:
    """Do an act that the item offers; returns the item as it was before.

    Raises:
        NotFound: nothing with this id waits any more.
        Conflict: the item does not offer this act, or its state does not allow it any more.
        InvalidInput: what the act needs is missing or wrong.
    """
    item = service.find_item(db, item_id)
    offered = next((each for each in item.acts if each.name == act), None)
    if offered is None:
        possible = ", ".join(each.name for each in item.acts)
        raise Conflict(f"'{item.title}' does not offer '{act}'; possible: {possible}.")
    _PERFORM[act](db, offered, wish)
    return item


def _answer(db: Database, act: ActView, wish: Wish) -> None:
    text = None if wish.option is not None else wish.text
    answer(db, UUID(act.target), answer=text, option=wish.option, by=wish.by)


def _pass(db: Database, act: ActView, wish: Wish) -> None:
    _decide(db, act, wish, passed=True)


def _send_back(db: Database, act: ActView, wish: Wish) -> None:
    _decide(db, act, wish, passed=False)


def _decide(db: Database, act: ActView, wish: Wish, *, passed: bool) -> None:
    commit = wish.commit or act.commit or ""
    decide(
        db,
        UUID(act.target),
        passed=passed,
        feedback=wish.text,
        commit=commit,
        decided_by=wish.by,
    )


def _approve(db: Database, act: ActView, wish: Wish) -> None:
    approve_delivery(db, UUID(act.target), expected_commit=wish.commit or "")


def _restart(db: Database, act: ActView, _: Wish) -> None:
    restart_task(db, UUID(act.target))


def _cancel(db: Database, act: ActView, wish: Wish) -> None:
    cancel_task(db, UUID(act.target), reason=wish.text or f"cancelled by {wish.by}")


def _stop(db: Database, act: ActView, wish: Wish) -> None:
    stop_workflow(db, UUID(act.target), reason=wish.text or f"stopped by {wish.by}")


def _raise(db: Database, act: ActView, wish: Wish) -> None:
    """Raise the budget's dollars, or its tokens where it has none, to the amount in the text."""
    budget = get_budget(db, UUID(act.target))
    given = wish.text.strip().removeprefix("$").replace(",", "")
    try:
        most = Amount(tokens=int(given)) if budget.dollars is None else Amount(float(given))
    except ValueError:
        unit = "tokens" if budget.dollars is None else "dollars"
        raise InvalidInput(f"Name the new amount in {unit}, such as 10.", field="text") from None
    raise_budget(db, budget.id, most, by=wish.by)


def _snooze(db: Database, act: ActView, wish: Wish) -> None:
    service.snooze(db, UUID(act.target), minutes=wish.minutes, by=wish.by)


def _dismiss(db: Database, act: ActView, wish: Wish) -> None:
    service.dismiss(db, UUID(act.target), by=wish.by)


_PERFORM: Final[dict[Act, Callable[[Database, ActView, Wish], None]]] = {
    Act.ANSWER: _answer,
    Act.PASS: _pass,
    Act.SEND_BACK: _send_back,
    Act.APPROVE: _approve,
    Act.RESTART: _restart,
    Act.CANCEL: _cancel,
    Act.STOP: _stop,
    Act.RAISE: _raise,
    Act.SNOOZE: _snooze,
    Act.DISMISS: _dismiss,
}
