"""How good the Guardian's judgements were."""

from typing import Any

from hephaestus_core.guardian.following_up import GuardianReport, report
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.guardian import ReportFilter
from hephaestus_web.schemas.views import schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint("guardian", __name__, url_prefix="/guardian", description="The Guardian")


@blueprint.get("/report")
@blueprint.arguments(ReportFilter, location="query")
@blueprint.response(200, schema_of(GuardianReport))
def get_report(query: dict[str, Any]) -> GuardianReport:
    """Return how often agents made headway after the judgements of models on them."""
    return report(database(), **query)
