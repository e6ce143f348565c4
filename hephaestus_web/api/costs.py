"""What models have cost."""

from typing import Any

from hephaestus_core.summaries.spending import SpendingView, spending
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.costs import SpendingFilter
from hephaestus_web.schemas.views import schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint("costs", __name__, url_prefix="/costs", description="Costs of models")


@blueprint.get("")
@blueprint.arguments(SpendingFilter, location="query")
@blueprint.response(200, schema_of(SpendingView))
def get_costs(query: dict[str, Any]) -> SpendingView:
    """Return what agents and the system's own calls have used, by day, workflow or model."""
    return spending(database(), **query)
