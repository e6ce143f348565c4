"""Acts of the Guardian on agents."""

from typing import Any

from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.views import InterventionView
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.schemas.interventions import InterventionFilter
from hephaestus_web.schemas.views import page_of
from hephaestus_web.wiring import database

blueprint = Blueprint(
    "interventions", __name__, url_prefix="/interventions", description="Acts of the Guardian"
)


@blueprint.get("")
@blueprint.arguments(InterventionFilter, location="query")
@blueprint.response(200, page_of(InterventionView))
def list_interventions(query: dict[str, Any]) -> dict[str, Any]:
    """List what the Guardian has done about agents, newest first, with cause and effect."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = page_of_interventions(database(), **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}
