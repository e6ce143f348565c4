"""All that a person needs in order to judge work: what was asked, what came of it, and the diff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.changes.diffs import diff_of, task_diff
from hephaestus_core.changes.rules import DiffView
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.diffs import FileChange
from hephaestus_core.contract.statuses import ReviewStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.lifecycle.reading import views
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.results.service import shown_result
from hephaestus_core.results.views import ResultView
from hephaestus_core.reviews.service import page_of_reviews
from hephaestus_core.reviews.views import ReviewView
from hephaestus_core.summaries.conflicts import FileConflict, conflicts_of
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks import store as task_rows
from hephaestus_core.tasks.views import TaskView
from hephaestus_core.workflows import store as workflows

#: Reviews among which the words of judges are looked for, and words that are shown.
_REVIEWS: Final = 20
_WORDS: Final = 5
#: Merges that are searched for a commit, and those that are named with the work.
_MERGES: Final = 100
_NAMED: Final = 20

_NEWEST_MERGES: Final = text("""
    SELECT m.task_id, left(t.title, 200) AS title, left(t.summary, 300) AS summary, m.commit,
           m.merged_at, coalesce(d.changes, '[]') AS changes
    FROM merges m JOIN tasks t ON t.id = m.task_id LEFT JOIN diffs d ON d.subject_id = m.task_id
    WHERE m.workflow_id = :workflow_id AND m.status = 'merged'
    ORDER BY m.merged_at DESC, m.id LIMIT :most
""")


@dataclass(frozen=True)
class Judgement:
    """What somebody has said of the work."""

    by: str
    at: datetime | None
    status: str
    words: str
    about: str = ""
    """The title of the task whose work it is about, where that is not the whole."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """Work, and all that is known of it."""

    title: str
    asked: str
    launched_with: Mapping[str, Any]
    """What a person gave in a launch form, where that is all that a person wrote."""
    done_when: str
    said: str
    """What its agents say of it."""
    checks: list[CheckOutcome]
    judgements: list[Judgement]
    """The newest first."""
    conflicts: list[FileConflict]
    diff: DiffView


@dataclass(frozen=True, kw_only=True)
class WorkflowLook(Look):
    """All merged work of a workflow."""

    workflow: WorkflowView
    result: ResultView | None
    merged: "list[Arrival]"
    """The newest merges, the newest first."""


@dataclass(frozen=True, kw_only=True)
class TaskLook(Look):
    """The work of a task."""

    task: TaskView
    review: ReviewView | None
    """The newest one."""


@dataclass(frozen=True)
class Arrival:
    """A merge into a workflow's branch."""

    task_id: UUID
    title: str
    summary: str | None
    """The first characters of its agent's report."""
    commit: str
    merged_at: datetime
    changes: list[FileChange]


def look_at_workflow(db: Database, workflow_id: UUID) -> WorkflowLook:
    """Return the merged work of a workflow, with its result and the judgements on it.

    Raises:
        NotFound: there is none with this id.
    """
    with db.snapshot() as session:
        row = workflows.get(session, workflow_id)
        [workflow] = views(session, [row])
        result = shown_result(session, workflow_id, workflow.result_id)
        first = workflow.initial_task_id
        asked = task_rows.get(session, first).description if first else workflow.description
        conflicts, diff = conflicts_of(session, workflow_id), diff_of(session, workflow_id)
        merged = _newest(session, workflow_id, most=_NAMED)
    reviews, _ = page_of_reviews(db, workflow_id=workflow_id, limit=_REVIEWS)
    with db.reading() as session:
        titles = task_rows.titles_of(session, {each.task_id for each in reviews})
    delivery = workflow.delivery.check
    checks = [*(result.checks if result else ()), *([delivery] if delivery else ())]
    return WorkflowLook(
        title=workflow.title,
        asked=workflow.description or asked,
        launched_with={} if workflow.description else workflow.launch_params,
        done_when=str(workflow.config.get("result_criteria") or "") if result else "",
        said=result.explanation if result else "",
        checks=checks,
        judgements=[*_of_result(result), *_of_reviews(reviews, titles)][:_WORDS],
        conflicts=conflicts,
        diff=diff,
        workflow=workflow,
        result=result,
        merged=merged,
    )


def look_at_task(db: Database, task_id: UUID) -> TaskLook:
    """Return the work of a task, with the judgements on it.

    Raises:
        NotFound: there is none with this id.
    """
    task = tasks.get_task(db, task_id)
    reviews, _ = page_of_reviews(db, task_id=task_id, limit=_REVIEWS)
    with db.reading() as session:
        conflicts = conflicts_of(session, task.workflow_id)
    newest = reviews[0] if reviews else None
    return TaskLook(
        title=task.title,
        asked=task.description,
        launched_with={},
        done_when=task.done_definition,
        said=task.summary or "",
        checks=newest.checks if newest else [],
        judgements=_of_reviews(reviews)[:_WORDS],
        conflicts=[each for each in conflicts if each.task_id == task_id],
        diff=task_diff(db, task_id),
        task=task,
        review=newest,
    )


def awaits_person(look: TaskLook) -> bool:
    """Say whether the work waits for a person's verdict."""
    return look.review is not None and look.review.status == ReviewStatus.PERSON_REVIEW


def arrivals(db: Database, workflow_id: UUID, *, since: str) -> tuple[list[Arrival], bool]:
    """Return the merges after a commit of the workflow's branch, the newest first.

    The second value says whether the commit is one of its merges; if not, the newest are returned.
    """
    with db.reading() as session:
        found = _newest(session, workflow_id, most=_MERGES)
    place = next((i for i, each in enumerate(found) if each.commit.startswith(since)), None)
    return found[:place], place is not None


def _newest(session: Session, workflow_id: UUID, *, most: int) -> list[Arrival]:
    rows = session.execute(_NEWEST_MERGES, {"workflow_id": workflow_id, "most": most}).mappings()
    return [
        Arrival(**{**row, "changes": [FileChange(**each) for each in row["changes"]]})
        for row in rows
    ]


def _of_result(result: ResultView | None) -> list[Judgement]:
    if result is None or not result.feedback:
        return []
    by = "the judge of the result"
    return [Judgement(by, result.judged_at, result.status, result.feedback)]


def _of_reviews(
    reviews: Sequence[ReviewView], titles: Mapping[UUID, str] | None = None
) -> list[Judgement]:
    return [
        Judgement(
            by=each.decided_by or "a reviewer",
            at=each.decided_at,
            status=each.status,
            words=each.feedback,
            about=(titles or {}).get(each.task_id, ""),
        )
        for each in reviews
        if each.feedback
    ]
