"""Results: what agents hand in as a workflow's outcome."""

from typing import Any
from uuid import UUID

from hephaestus_core.results.service import get_result
from hephaestus_core.results.verdicts import decide_result
from hephaestus_core.results.views import ResultView
from hephaestus_web.access.auth import caller
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.reviews import ResultVerdictInput
from hephaestus_web.schemas.views import schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint("results", __name__, url_prefix="/results", description="Results")


@blueprint.get("/<uuid:result_id>")
@blueprint.response(200, schema_of(ResultView))
def read_result(result_id: UUID) -> ResultView:
    """Read one result, with the outcome of each check."""
    return get_result(database(), result_id)


@blueprint.post("/<uuid:result_id>/judge")
@blueprint.arguments(ResultVerdictInput)
@blueprint.response(200, schema_of(ResultView))
def judge_result(body: dict[str, Any], result_id: UUID) -> ResultView:
    """Accept or reject a result that waits for its judgement; its reviewer is stopped.

    What follows is as for an agent's judgement: `on_result_found`, or `on_result_rejected`.
    """
    return decide_result(database(), result_id, **body, decided_by=caller().name)
