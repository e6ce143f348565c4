"""Reviews: whether reported work counts as done."""

from typing import Any
from uuid import UUID

from hephaestus_core.reviews import service
from hephaestus_core.reviews.views import ReviewView
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.schemas.reviews import ReviewFilter
from hephaestus_web.schemas.views import page_of, schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint(
    "reviews", __name__, url_prefix="/reviews", description="Judgements of reported work"
)


@blueprint.get("")
@blueprint.arguments(ReviewFilter, location="query")
@blueprint.response(200, page_of(ReviewView))
def list_reviews(query: dict[str, Any]) -> dict[str, Any]:
    """List reviews, newest first: all, or those of a workflow, of a task or with one status."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = service.page_of_reviews(database(), **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}


@blueprint.get("/<uuid:review_id>")
@blueprint.response(200, schema_of(ReviewView))
def get_review(review_id: UUID) -> ReviewView:
    """Read one review, with the outcome of each check."""
    return service.get_review(database(), review_id)
