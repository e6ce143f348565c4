"""Tasks."""

from typing import Any
from uuid import UUID

from hephaestus_core.agents.details import TaskDetail, Timeline, task_detail, timeline
from hephaestus_core.changes.diffs import task_diff
from hephaestus_core.changes.rules import DiffView
from hephaestus_core.contract.texts import NAME_LIMIT, plain_text
from hephaestus_core.intake import rulings
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.comparing import Thresholds
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.reviews.verdicts import decide
from hephaestus_core.reviews.views import ReviewView
from hephaestus_core.tasks import service
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.access.auth import caller
from hephaestus_web.history.commits import TaskCommits
from hephaestus_web.history.service import commits_of
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.requests.idempotency import idempotency_key, once
from hephaestus_web.schemas.base import EmptyInput, ReasonInput
from hephaestus_web.schemas.events import TimelineFilter, TimelineSchema
from hephaestus_web.schemas.reviews import VerdictInput
from hephaestus_web.schemas.tasks import DuplicateInput, TaskFilter, TaskInput
from hephaestus_web.schemas.views import page_of, schema_of
from hephaestus_web.wiring import database, llm, vectors, wiring

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks", description="Pieces of work")

TaskSchema = schema_of(TaskView)


@blueprint.post("", keyed=True)
@blueprint.arguments(TaskInput)
@blueprint.response(201, TaskSchema)
def create_task(body: dict[str, Any]) -> TaskView:
    """Add a task to a running workflow. With an Idempotency-Key, a second call adds none."""
    label = plain_text(body.pop("created_by", ""), "created_by", limit=NAME_LIMIT).strip()
    creator = f"{caller().name}: {label}" if label else caller().name
    after = tuple(body.pop("after", ()))
    order = TaskOrder(
        **body,
        after=after,
        created_by=creator,
        compared=Thresholds.of(wiring().settings),
        idempotency_key=idempotency_key(),
    )
    return once(lambda: intake.create_task(database(), order, llm(), vectors()))


@blueprint.get("")
@blueprint.arguments(TaskFilter, location="query")
@blueprint.response(200, page_of(TaskView))
def list_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """List tasks, newest first."""
    cursor = cursor_key(query.pop("cursor", None))
    page = service.list_tasks(database(), **query, cursor=cursor)
    return {"items": page.items, "next_cursor": cursor_text(page.cursor)}


@blueprint.get("/<uuid:task_id>")
@blueprint.response(200, schema_of(TaskDetail))
def get_task(task_id: UUID) -> TaskDetail:
    """Read one task: attempts and children oldest first, its parent, and its newest prompt."""
    return task_detail(database(), task_id)


@blueprint.get("/<uuid:task_id>/timeline")
@blueprint.arguments(TimelineFilter, location="query")
@blueprint.response(200, TimelineSchema)
def get_timeline(query: dict[str, Any], task_id: UUID) -> Timeline:
    """Read what happened to a task after an event's number, oldest first, and all attempts."""
    return timeline(database(), task_id, **query)


@blueprint.get("/<uuid:task_id>/diff")
@blueprint.response(200, schema_of(DiffView))
def get_task_diff(task_id: UUID) -> DiffView:
    """Read what a task changes: what its merge brought in, before that what its attempt saved.

    The patch has at most 256 KiB, the list of files 500 entries; `truncated` says if that was less
    than all. `base` and `commit` name the whole of it for git.
    """
    return task_diff(database(), task_id)


@blueprint.get("/<uuid:task_id>/commits")
@blueprint.response(200, schema_of(TaskCommits))
def get_task_commits(task_id: UUID) -> TaskCommits:
    """Read the newest 50 commits of a task's merged attempt, else of the newest that saved some.

    They are read from the repository if that is a folder of this machine; `unread` says why they
    cannot be read. Files and lines of a merge count as none. Times that no calendar holds are moved
    to the nearest that one does.
    """
    return commits_of(database(), wiring().settings, task_id)


@blueprint.post("/<uuid:task_id>/cancel")
@blueprint.arguments(ReasonInput)
@blueprint.response(200, TaskSchema)
def cancel_task(body: dict[str, Any], task_id: UUID) -> TaskView:
    """Cancel a task; its agent is stopped and its work kept."""
    return service.cancel_task(database(), task_id, **body)


@blueprint.post("/<uuid:task_id>/restart")
@blueprint.arguments(EmptyInput)
@blueprint.response(200, TaskSchema)
def restart_task(_body: dict[str, Any], task_id: UUID) -> TaskView:
    """Queue an ended task again, from the work that was saved of it."""
    return service.restart_task(database(), task_id)


@blueprint.post("/<uuid:task_id>/not-duplicate")
@blueprint.arguments(EmptyInput)
@blueprint.response(200, TaskSchema)
def not_duplicate(_body: dict[str, Any], task_id: UUID) -> TaskView:
    """Let a duplicate run after all."""
    return rulings.not_duplicate(database(), task_id)


@blueprint.post("/<uuid:task_id>/duplicate")
@blueprint.arguments(DuplicateInput)
@blueprint.response(200, TaskSchema)
def is_duplicate(body: dict[str, Any], task_id: UUID) -> TaskView:
    """Withdraw a task, since another one does its work; its agent is stopped and its work kept.

    What comes after it, and its own duplicates, follow the other task from then on.
    """
    return rulings.is_duplicate(database(), task_id, **body)


@blueprint.post("/<uuid:task_id>/review")
@blueprint.arguments(VerdictInput)
@blueprint.response(200, schema_of(ReviewView))
def review_task(body: dict[str, Any], task_id: UUID) -> ReviewView:
    """Judge the work of a task whose review waits for a person.

    Passed work is merged; otherwise the task is queued again, and its next attempt gets the
    feedback. `GET /reviews?status=person_review` lists what waits.
    """
    return decide(database(), task_id, **body, decided_by=caller().name)


@blueprint.post("/<uuid:task_id>/bump")
@blueprint.arguments(EmptyInput)
@blueprint.response(200, TaskSchema)
def bump_task(_body: dict[str, Any], task_id: UUID) -> TaskView:
    """Start a queued task at once, beyond every limit."""
    return service.bump_task(database(), task_id)
