"""What waits for a person or stands still."""

from typing import Any
from uuid import UUID

from hephaestus_core.attention import service
from hephaestus_core.attention.views import AttentionView, InboxView
from hephaestus_web.access.acts import only_allowed
from hephaestus_web.access.auth import caller
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.attention import InboxFilter, SnoozeInput
from hephaestus_web.schemas.base import EmptyInput
from hephaestus_web.schemas.views import schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint(
    "attention",
    __name__,
    url_prefix="/attention",
    description="What waits for a person or stands still",
)


@blueprint.get("")
@blueprint.arguments(InboxFilter, location="query")
@blueprint.response(200, schema_of(InboxView))
def get_inbox(query: dict[str, Any]) -> InboxView:
    """Read everything that waits for a person or stands still, the oldest blocker first.

    `acts` are those that your token allows. Each is a request of its own on what it is done to:
    see the guide on attention.
    """
    return only_allowed(caller(), service.inbox(database(), **query))


@blueprint.post("/<uuid:item_id>/snooze")
@blueprint.arguments(SnoozeInput)
@blueprint.response(200, schema_of(AttentionView))
def snooze_item(body: dict[str, Any], item_id: UUID) -> AttentionView:
    """Put an item aside for some minutes; it comes back by itself if it still waits then."""
    return service.snooze(database(), item_id, **body, by=caller().name)


@blueprint.post("/<uuid:item_id>/dismiss")
@blueprint.arguments(EmptyInput)
@blueprint.response(200, schema_of(AttentionView))
def dismiss_item(body: dict[str, Any], item_id: UUID) -> AttentionView:  # noqa: ARG001 - empty
    """Take an item off the list for good, where no decision is needed."""
    return service.dismiss(database(), item_id, by=caller().name)


@blueprint.post("/<uuid:item_id>/undo")
@blueprint.arguments(EmptyInput)
@blueprint.response(200, schema_of(AttentionView))
def restore_item(body: dict[str, Any], item_id: UUID) -> AttentionView:  # noqa: ARG001 - empty
    """Put a snoozed or dismissed item back on the list."""
    return service.undo(database(), item_id, by=caller().name)
