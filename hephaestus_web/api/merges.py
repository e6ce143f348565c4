"""Merges: how a task's work came into its workflow."""

from uuid import UUID

from hephaestus_core.changes.rules import MergeView
from hephaestus_core.changes.service import get_merge as find_merge
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.views import schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint("merges", __name__, url_prefix="/merges", description="How work came in")


@blueprint.get("/<uuid:merge_id>")
@blueprint.response(200, schema_of(MergeView))
def get_merge(merge_id: UUID) -> MergeView:
    """Read one merge, with every file that both sides had changed."""
    return find_merge(database(), merge_id)
