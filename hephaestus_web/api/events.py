"""The event log."""

from contextlib import nullcontext
from typing import Any

from hephaestus_web.live.event_feed import event_feed
from hephaestus_web.live.permits import waiting_permits
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.events import LATEST, EventFilter, EventsSchema

blueprint = Blueprint("events", __name__, url_prefix="/events", description="What happened")


@blueprint.get("")
@blueprint.arguments(EventFilter, location="query")
@blueprint.response(200, EventsSchema)
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """Read events after a number, oldest first; with ``wait``, wait for the first one.

    ``last_seq`` is the number for the next call, with or without events.
    """
    if query["after"] == LATEST:
        query["after"] = event_feed().latest()
    with waiting_permits().acquired() if query["wait"] else nullcontext():
        items, last_seq = event_feed().read(**query)
    return {"items": items, "last_seq": last_seq}
