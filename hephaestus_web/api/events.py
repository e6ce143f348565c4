"""Events: everything that happened, in order."""

from typing import Any

from hephaestus_core.events.log import EventView
from hephaestus_web.bodies import Blueprint
from hephaestus_web.schemas.events import EventFilter, EventsSchema
from hephaestus_web.wiring import wiring

blueprint = Blueprint("events", __name__, url_prefix="/events", description="What happened")


@blueprint.get("")
@blueprint.arguments(EventFilter, location="query")
@blueprint.response(200, EventsSchema)
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """Read events after a number, oldest first; with ``wait``, wait for the first one.

    ``last_seq`` is the number to ask after next time, whether or not there were events.
    """
    if query["wait"] == 0:
        return _page(*wiring().feed.read(**query))
    with wiring().seats.taken():
        return _page(*wiring().feed.read(**query))


def _page(events: list[EventView], last_seq: int) -> dict[str, Any]:
    return {"items": events, "last_seq": last_seq}
