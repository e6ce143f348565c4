"""Tools about reviews of work."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from hephaestus_core.results.verdicts import decide_result
from hephaestus_core.results.views import ResultView
from hephaestus_core.reviews import service
from hephaestus_core.reviews.verdicts import decide
from hephaestus_core.reviews.views import ReviewView
from hephaestus_web.mcp.identity import CallContext, person_door
from hephaestus_web.mcp.shapes import (
    Cursor,
    Limit,
    NextCursor,
    OnlyStatus,
    ReviewState,
    Word,
    listed_result,
    review_state,
)
from hephaestus_web.requests.cursors import cursor_key, cursor_text


@dataclass(frozen=True)
class Reviews:
    """A page of reviews, newest first."""

    reviews: list[ReviewView]
    next_cursor: NextCursor


def list_reviews(
    context: CallContext,
    workflow_id: Annotated[UUID | None, Field(description="Only of this workflow.")] = None,
    task_id: Annotated[UUID | None, Field(description="Only of this task.")] = None,
    status: OnlyStatus = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Reviews:
    """List reviews of work, newest first; those in person_review wait for you."""
    found, following = service.page_of_reviews(
        person_door(context).database,
        workflow_id=workflow_id,
        task_id=task_id,
        status=status or None,
        limit=limit,
        cursor=cursor_key(cursor or None),
    )
    return Reviews(found, cursor_text(following))


def review_task(
    context: CallContext,
    task_id: Annotated[UUID, Field(description="From list_reviews.")],
    passed: Annotated[bool, Field(description="The work counts as done and is merged.")],
    feedback: Annotated[str, Field(description="What is to be done; needed if not passed.")] = "",
    commit: Annotated[
        Word, Field(description="What you looked at; refused if it is another one by now.")
    ] = "",
) -> ReviewState:
    """Judge the work of a task whose review waits for a person."""
    own = person_door(context)
    judged = decide(
        own.database,
        task_id,
        passed=passed,
        feedback=feedback,
        commit=commit,
        decided_by=own.person.name,
    )
    return review_state(judged)


def judge_result(
    context: CallContext,
    result_id: Annotated[UUID, Field(description="From get_workflow_results.")],
    passed: Annotated[bool, Field(description="It meets the criteria; else it is rejected.")],
    feedback: Annotated[str, Field(description="The reason; needed if not passed.")] = "",
) -> ResultView:
    """Accept or reject a result that waits for its judgement; its reviewer is stopped."""
    own = person_door(context)
    judged = decide_result(
        own.database, result_id, passed=passed, feedback=feedback, decided_by=own.person.name
    )
    return listed_result(judged)
