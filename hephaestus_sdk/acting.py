"""The acts of the inbox, each by the call of the thing that waits."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hephaestus_core.contract.attention import Act
from hephaestus_core.contract.money import in_dollars
from hephaestus_sdk.api.attention_views import AttentionItem, PossibleAct
from hephaestus_sdk.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient

#: Acts that need a text: what it is.
TEXT_OF: Final = {
    Act.ANSWER: "the answer, or the number of an option",
    Act.SEND_BACK: "the reason",
    Act.RAISE: "the new amount in dollars",
}


def perform(client: "HephaestusClient", item: AttentionItem, act: str, text: str = "") -> str:
    """Do an act that an item of the inbox offers, and say in words what was done.

    Args:
        client: the API.
        item: as the inbox returned it.
        act: the name of one of its acts.
        text: the answer, the number of an option, the reason or the amount, where one is needed.

    Raises:
        Conflict: the item does not offer this act, or its state does not allow it any more.
        InvalidInput: what the act needs is missing or wrong.
    """
    offered = next((each for each in item.acts if each.name == act), None)
    if offered is None:
        possible = ", ".join(each.name for each in item.acts) or "none"
        raise Conflict(f"'{item.title}' does not offer '{act}'; possible: {possible}.")
    wanted = TEXT_OF.get(Act(act))
    if wanted and not text.strip():
        raise InvalidInput(f"'{act}' needs a text: {wanted}.", field="text")
    return _PERFORM[Act(act)](client, offered, text.strip())


def _answer(client: "HephaestusClient", act: PossibleAct, text: str) -> str:
    number = int(text) if text.isdecimal() else 0
    option = number if 1 <= number <= len(act.options) else None
    done = client.answer(act.target, text if option is None else None, option=option)
    return f"answered: {done.answer}"


def _pass(client: "HephaestusClient", act: PossibleAct, text: str) -> str:
    client.review_task(act.target, passed=True, feedback=text, commit=act.commit or "")
    return "the work has passed"


def _send_back(client: "HephaestusClient", act: PossibleAct, text: str) -> str:
    client.review_task(act.target, passed=False, feedback=text, commit=act.commit or "")
    return "the work is done again"


def _approve(client: "HephaestusClient", act: PossibleAct, _text: str) -> str:
    return f"'{client.approve_workflow(act.target).title}' is approved"


def _restart(client: "HephaestusClient", act: PossibleAct, _text: str) -> str:
    done = client.restart_task(act.target)
    return f"'{done.title}' is {done.status}"


def _cancel(client: "HephaestusClient", act: PossibleAct, text: str) -> str:
    return f"'{client.cancel_task(act.target, text or None).title}' is cancelled"


def _stop(client: "HephaestusClient", act: PossibleAct, text: str) -> str:
    return f"'{client.stop_workflow(act.target, text or None).title}' is stopped"


def _raise(client: "HephaestusClient", act: PossibleAct, text: str) -> str:
    given = text.removeprefix("$").replace(",", "")
    try:
        dollars = float(given)
    except ValueError:
        raise InvalidInput("Name the new amount in dollars, such as 10.", field="text") from None
    client.raise_budget(act.target, dollars=dollars)
    return f"the budget is {in_dollars(dollars)}"


def _snooze(client: "HephaestusClient", act: PossibleAct, _text: str) -> str:
    return f"aside for 30 min: {client.snooze(act.target).title}"


def _dismiss(client: "HephaestusClient", act: PossibleAct, _text: str) -> str:
    return f"dismissed: {client.dismiss(act.target).title}"


_PERFORM: Final[dict[Act, Callable[["HephaestusClient", PossibleAct, str], str]]] = {
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
