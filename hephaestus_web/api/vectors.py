"""Searches by meaning: how they stand, and their vectors made anew."""

from typing import Any

from hephaestus_core.vectors.state import VectorsView
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.vectors import ReindexInput
from hephaestus_web.schemas.views import schema_of
from hephaestus_web.wiring import vectors

blueprint = Blueprint("vectors", __name__, url_prefix="/vectors", description="Searches by meaning")


@blueprint.get("")
@blueprint.response(200, schema_of(VectorsView))
def get_vectors() -> VectorsView:
    """Say who makes vectors, which texts lack one, and whether the copy in Qdrant follows."""
    return vectors().state()


@blueprint.post("/reindex")
@blueprint.arguments(ReindexInput)
@blueprint.response(200, schema_of(VectorsView))
def reindex(body: dict[str, Any]) -> VectorsView:
    """Have vectors or their copy made anew in the background; searches go on meanwhile."""
    return vectors().reindex(body["target"])
