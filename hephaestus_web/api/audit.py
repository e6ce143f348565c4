"""The audit log: who changed what."""

from typing import Any

from hephaestus_core.access.audit import list_entries
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.schemas.base import PageInput
from hephaestus_web.schemas.tokens import AuditPageSchema
from hephaestus_web.wiring import database

blueprint = Blueprint("audit", __name__, url_prefix="/audit", description="Who changed what")


@blueprint.get("")
@blueprint.arguments(PageInput, location="query")
@blueprint.response(200, AuditPageSchema)
def list_audit(query: dict[str, Any]) -> dict[str, Any]:
    """List changes, and tries that were refused, newest first."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = list_entries(database(), **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}
