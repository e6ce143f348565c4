"""Questions that agents ask people."""

from typing import Any
from uuid import UUID

from hephaestus_core.questions import service
from hephaestus_core.questions.views import QuestionView
from hephaestus_web.access.auth import caller
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.schemas.questions import AnswerInput, QuestionFilter
from hephaestus_web.schemas.views import page_of, schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint(
    "questions", __name__, url_prefix="/questions", description="Questions of agents to people"
)


@blueprint.get("")
@blueprint.arguments(QuestionFilter, location="query")
@blueprint.response(200, page_of(QuestionView))
def list_questions(query: dict[str, Any]) -> dict[str, Any]:
    """List questions, newest first."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = service.page_of_questions(database(), **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}


@blueprint.get("/<uuid:question_id>")
@blueprint.response(200, schema_of(QuestionView))
def get_question(question_id: UUID) -> QuestionView:
    """Read one question."""
    return service.get_question(database(), question_id)


@blueprint.post("/<uuid:question_id>/answer")
@blueprint.arguments(AnswerInput)
@blueprint.response(200, schema_of(QuestionView))
def answer_question(body: dict[str, Any], question_id: UUID) -> QuestionView:
    """Answer an open question, in words or by the number of an option.

    The agent gets the answer as a message. If its task waits, that is queued before all others.
    """
    return service.answer(database(), question_id, **body, by=caller().name)
