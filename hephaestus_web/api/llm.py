"""The models that the system itself asks: their state, and a trial."""

from hephaestus_core.llm.service import TrialView
from hephaestus_core.llm.state import LlmView
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.views import items_of, schema_of
from hephaestus_web.wiring import llm

blueprint = Blueprint(
    "llm", __name__, url_prefix="/llm", description="Models that the system itself asks"
)


@blueprint.get("")
@blueprint.response(200, schema_of(LlmView))
def get_llm() -> LlmView:
    """Say which kinds of call this process can make, and what all calls have used."""
    return llm().state()


@blueprint.post("/trial")
@blueprint.response(200, items_of(TrialView))
def try_llm() -> dict[str, list[TrialView]]:
    """Send one tiny call to each model that is configured; a call counts against the budget."""
    return {"items": llm().try_out()}
