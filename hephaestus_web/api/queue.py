"""The queue: what waits, in the order in which it starts."""

from typing import Any

from marshmallow import fields, validate

from hephaestus_core.agents.service import live_count
from hephaestus_core.tasks.queue import queue_status
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import place_of, place_text
from hephaestus_web.schemas.base import PAGE_LIMIT, PageInput
from hephaestus_web.schemas.views import page_of
from hephaestus_web.wiring import database, wiring

blueprint = Blueprint("queue", __name__, url_prefix="/queue", description="What waits to start")


class QueueFilter(PageInput):
    """Which part of the queue."""

    limit = fields.Integer(load_default=100, validate=validate.Range(1, PAGE_LIMIT))


class QueueSchema(page_of(TaskView)):  # type: ignore[misc]
    """How many tasks wait and run, and a page of those that wait."""

    queued = fields.Integer(required=True)
    running = fields.Integer(required=True)
    max_concurrent_agents = fields.Integer(required=True)


@blueprint.get("")
@blueprint.arguments(QueueFilter, location="query")
@blueprint.response(200, QueueSchema)
def get_queue(query: dict[str, Any]) -> dict[str, Any]:
    """Read the queue: its length, and a page of its tasks in the order in which they start."""
    status = queue_status(database(), limit=query["limit"], after=place_of(query.get("cursor")))
    return {
        "queued": status.queued,
        "running": live_count(database()),
        "max_concurrent_agents": wiring().settings.max_concurrent_agents,
        "items": status.items,
        "next_cursor": place_text(status.next),
    }
