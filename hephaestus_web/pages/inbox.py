"""The page of what waits for a person or stands still, and the acts on it."""

from typing import Final
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.attention import service
from hephaestus_core.attention.acts import Wish, perform
from hephaestus_core.contract.attention import Act
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.statuses import checked_word
from hephaestus_web.access.acts import may_act, only_allowed, refuse_act
from hephaestus_web.access.auth import caller
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.wiring import database

#: Pages beside the inbox that offer acts, by the names that their forms send.
_BACK: Final = {"home": "pages.index"}
#: Items on the page; the rest follows as these are settled.
_MOST: Final = 100


@blueprint.get("/inbox")
def inbox() -> str:
    """Show what waits, each with its acts, and what somebody has put aside."""
    shown = only_allowed(caller(), service.inbox(database(), limit=_MOST))
    set_aside = shown.counts.set_aside > 0
    aside = service.inbox(database(), set_aside=True, limit=_MOST).items if set_aside else []
    return render_template(
        "inbox.html",
        waiting=[item for item in shown.items if item.condition == Condition.WAITS_FOR_YOU],
        still=[item for item in shown.items if item.condition == Condition.STANDS_STILL],
        aside=aside,
        may_act=may_act(caller(), Act.SNOOZE),
        more=sum(shown.kinds.values()) - len(shown.items),
    )


@blueprint.get("/strip")
def strip() -> str:
    """Return the strip alone, for pages of which nothing else has changed."""
    return render_template("strip.html")


@blueprint.post("/inbox/<uuid:item_id>/undo")
def restore(item_id: UUID) -> ResponseReturnValue:
    """Put an item back on the list."""
    refuse_act(caller(), Act.SNOOZE)
    service.undo(database(), item_id, by=caller().name)
    return redirect(url_for("pages.inbox"), 303)


@blueprint.post("/inbox/<uuid:item_id>/<act>")
def act(item_id: UUID, act: str) -> ResponseReturnValue:
    """Do an act that an item offers."""
    wanted = checked_word(Act, act, "act")
    refuse_act(caller(), wanted)
    perform(database(), item_id, wanted, _wish())
    back = _BACK.get(request.form.get("back", ""), "pages.inbox")
    return redirect(url_for(back), 303)


def _wish() -> Wish:
    option = _number("option")
    return Wish(
        by=caller().name,
        text=request.form.get("text", ""),
        option=option,
        minutes=_number("minutes") or 30,
        commit=request.form.get("commit") or None,
    )


def _number(name: str) -> int | None:
    """Return a number of the form; None if it is not there.

    Raises:
        InvalidInput: it is none.
    """
    given = request.form.get(name, "")
    if given and not (given.isascii() and given.isdecimal() and len(given) < 9):  # noqa: PLR2004
        raise InvalidInput(f"'{name}' is no number that can be used.", field=name)
    return int(given) if given else None
