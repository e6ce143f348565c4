"""Ids by their first characters."""

from typing import Any

from hephaestus_core.ids.service import FoundId, find_id
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.ids import IdFilter
from hephaestus_web.schemas.views import schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint("ids", __name__, url_prefix="/ids", description="Short ids")


@blueprint.get("/<beginning>")
@blueprint.arguments(IdFilter, location="query")
@blueprint.response(200, schema_of(FoundId))
def find(query: dict[str, Any], beginning: str) -> FoundId:
    """Find the one thing whose id begins with 6 or more characters.

    Refused with `ambiguous_id`, and the first `candidates`, where several do.
    """
    return find_id(database(), beginning, list(dict.fromkeys(query["kind"])))
