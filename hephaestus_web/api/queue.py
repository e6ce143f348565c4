"""The queue: what waits, in the order in which it starts."""

from typing import Any

from marshmallow import Schema, fields

from hephaestus_core.agents.service import live_count
from hephaestus_core.tasks.service import queue_status
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.bodies import Blueprint
from hephaestus_web.schemas.views import schema_of
from hephaestus_web.wiring import database, wiring

blueprint = Blueprint("queue", __name__, url_prefix="/queue", description="What waits to start")


class QueueSchema(Schema):
    """How many tasks wait and run, and the first of those that wait."""

    queued = fields.Integer()
    running = fields.Integer()
    max_concurrent_agents = fields.Integer()
    items = fields.List(fields.Nested(schema_of(TaskView)))


@blueprint.get("")
@blueprint.response(200, QueueSchema)
def get_queue() -> dict[str, Any]:
    """Read the queue: its length, and its first 100 tasks in order."""
    status = queue_status(database())
    return {
        "queued": status.queued,
        "running": live_count(database()),
        "max_concurrent_agents": wiring().settings.max_concurrent_agents,
        "items": status.items,
    }
