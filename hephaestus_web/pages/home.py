"""The first page: what waits for the visitor, what happened meanwhile, what goes on."""

from datetime import datetime, timedelta
from typing import Any, Final

from flask import render_template

from hephaestus_core.attention.service import inbox
from hephaestus_core.clock import utcnow
from hephaestus_core.digests.service import digest
from hephaestus_core.lifecycle.launches import definitions_by_use
from hephaestus_core.visits.service import last_visit
from hephaestus_web.access.acts import only_allowed
from hephaestus_web.access.auth import caller
from hephaestus_web.pages.blueprint import blueprint, duration
from hephaestus_web.pages.time_strips import WIDTH, strip_of
from hephaestus_web.wiring import database

#: Rows of what waits; the inbox has them all.
_MOST_WAITING: Final = 7
_MOST_HAPPENED: Final = 12
_MOST_AT_WORK: Final = 8
#: Definitions that the button offers; the others have a page.
_MOST_RECENT: Final = 3
#: Whoever was never here is told of so long.
_AT_FIRST: Final = timedelta(hours=24)
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400
_WEEK: Final = timedelta(days=6)


@blueprint.get("/")
def index() -> str:
    """Show what waits for the visitor, what happened since the last visit, and what goes on."""
    waiting = only_allowed(caller(), inbox(database(), limit=_MOST_WAITING))
    definitions = definitions_by_use(database())
    return render_template(
        "home.html",
        waiting=waiting.items,
        more_waiting=sum(waiting.kinds.values()) - len(waiting.items),
        definitions=definitions[:_MOST_RECENT],
        more_definitions=len(definitions) > _MOST_RECENT,
        back="home",
        **_happened(),
    )


def _happened() -> dict[str, Any]:
    """Return what happened since the visitor was here last."""
    visitor = caller().token_id
    left = None if visitor is None else last_visit(database(), visitor)
    since = left or utcnow() - _AT_FIRST
    told = digest(database(), since, most=_MOST_HAPPENED, most_at_work=_MOST_AT_WORK)
    strips = {each.workflow.id: strip_of(each, since, told.until) for each in told.workflows}
    return {
        "digest": told,
        "strips": strips,
        "strip_width": WIDTH,
        "was_here": left is not None,
        "since_words": _clock(since, told.until),
        "now": told.until,
    }


def _clock(moment: datetime, now: datetime) -> str:
    """Return a time in UTC as short as it is clear: of today, of this week, or with the date."""
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{moment:%a %H:%M}" if now - moment < _WEEK else f"{moment:%Y-%m-%d %H:%M}"


@blueprint.app_template_filter("age")
def age(seconds: float) -> str:
    """Return an age in its largest unit: ``5 min``, ``3 h 10 min``, ``4 days``."""
    if seconds < _MINUTE:
        return f"{int(seconds)} s"
    days = int(seconds // _DAY)
    if days:
        return f"{days} day{'s' if days > 1 else ''}"
    return duration(seconds) if seconds >= _HOUR else f"{int(seconds // _MINUTE)} min"
