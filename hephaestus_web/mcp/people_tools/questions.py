"""Tools about the questions of agents."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from hephaestus_core.questions import service
from hephaestus_core.questions.views import QuestionView
from hephaestus_web.mcp.identity import CallContext, person_door
from hephaestus_web.mcp.shapes import Cursor, Limit, NextCursor
from hephaestus_web.requests.cursors import cursor_key, cursor_text

OnlyQuestions = Annotated[
    Literal["open", "answered", "expired", "cancelled", "all"],
    Field(description="Only those in this state."),
]


@dataclass(frozen=True)
class Questions:
    """A page of questions, newest first."""

    questions: list[QuestionView]
    next_cursor: NextCursor


def get_questions(
    context: CallContext,
    workflow_id: Annotated[
        UUID | None, Field(description="Only questions of this workflow; null: of all.")
    ] = None,
    status: OnlyQuestions = "open",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Questions:
    """List the questions that agents ask people, newest first."""
    found, following = service.page_of_questions(
        person_door(context).database,
        workflow_id=workflow_id,
        status=None if status == "all" else status,
        limit=limit,
        cursor=cursor_key(cursor or None),
    )
    return Questions(found, cursor_text(following))


def answer_question(
    context: CallContext,
    question_id: Annotated[UUID, Field(description="From get_questions.")],
    answer: Annotated[str, Field(description="In words; empty: give an option.")] = "",
    option: Annotated[int, Field(ge=0, description="Number of an option, from 1; 0: none.")] = 0,
) -> QuestionView:
    """Answer an open question of an agent, in words or by the number of an option."""
    own = person_door(context)
    return service.answer(
        own.database,
        question_id,
        answer=answer or None,
        option=option or None,
        by=own.person.name,
    )
