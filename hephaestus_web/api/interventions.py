"""Acts of the Guardian on agents."""

from typing import Any
from uuid import UUID

from hephaestus_core.guardian.overruling import undo
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.views import InterventionView
from hephaestus_web.access.auth import caller
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.schemas.base import EmptyInput
from hephaestus_web.schemas.interventions import InterventionFilter
from hephaestus_web.schemas.views import page_of, schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint(
    "interventions", __name__, url_prefix="/interventions", description="Acts of the Guardian"
)


@blueprint.post("/<uuid:intervention_id>/undo")
@blueprint.arguments(EmptyInput)
@blueprint.response(200, schema_of(InterventionView))
def undo_intervention(_body: dict[str, Any], intervention_id: UUID) -> InterventionView:
    """Take an act of the Guardian back; it does no more for this cause in this attempt.

    A message is withdrawn, or followed by your word; a task goes on that is parked or waits for
    the end of a limit. Other ends of programs cannot be taken back.
    """
    return undo(database(), intervention_id, by=caller().name)


@blueprint.get("")
@blueprint.arguments(InterventionFilter, location="query")
@blueprint.response(200, page_of(InterventionView))
def list_interventions(query: dict[str, Any]) -> dict[str, Any]:
    """List what the Guardian has done about agents, newest first, with cause and effect."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = page_of_interventions(database(), **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}
