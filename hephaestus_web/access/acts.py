"""Which acts of the inbox a person may do: those whose own route is open to them."""

from dataclasses import replace
from typing import Final

from hephaestus_core.access.service import Person
from hephaestus_core.attention.views import AttentionView, InboxView
from hephaestus_core.contract.attention import Act
from hephaestus_web.access.auth import access_of, may, refuse_unless_allowed

#: The route of the same use case.
_ROUTES: Final = {
    Act.ANSWER: "questions.answer_question",
    Act.PASS: "tasks.review_task",
    Act.SEND_BACK: "tasks.review_task",
    Act.RAISE: "budgets.raise_budget",
    Act.APPROVE: "workflows.approve_workflow",
    Act.RESTART: "tasks.restart_task",
    Act.CANCEL: "tasks.cancel_task",
    Act.STOP: "workflows.stop_workflow",
    Act.SNOOZE: "attention.snooze_item",
    Act.DISMISS: "attention.dismiss_item",
}


def refuse_act(person: Person, act: Act) -> None:
    """Return if the person may do the act.

    Raises:
        Forbidden: they may not; the message names what is missing.
    """
    refuse_unless_allowed(person, access_of(_ROUTES[act]))


def may_act(person: Person, act: Act) -> bool:
    """Say whether the person may do the act."""
    return may(person, access_of(_ROUTES[act]))


def only_allowed(person: Person, inbox: InboxView) -> InboxView:
    """Return the list with the acts that the person may do."""
    allowed = {act for act in _ROUTES if may_act(person, act)}
    return replace(inbox, items=[_with(item, allowed) for item in inbox.items])


def _with(item: AttentionView, allowed: set[Act]) -> AttentionView:
    return replace(item, acts=[act for act in item.acts if act.name in allowed])
