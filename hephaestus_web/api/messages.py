"""Messages to agents, with their receipts."""

from typing import Any

from hephaestus_core.messages.mailbox import page_of_messages
from hephaestus_core.messages.views import MessageView
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.schemas.messages import MessageFilter
from hephaestus_web.schemas.views import page_of
from hephaestus_web.wiring import database

blueprint = Blueprint("messages", __name__, url_prefix="/messages", description="Messages")


@blueprint.get("")
@blueprint.arguments(MessageFilter, location="query")
@blueprint.response(200, page_of(MessageView))
def list_messages(query: dict[str, Any]) -> dict[str, Any]:
    """List messages to agents, newest first; `status` is the receipt."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = page_of_messages(database(), **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}
