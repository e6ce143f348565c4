"""Results of all workflows, for people."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from hephaestus_core.contract.statuses import ResultStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.results.models import Result
from hephaestus_core.results.service import views_of
from hephaestus_core.results.views import ResultView
from hephaestus_core.workflows import store as workflows

Cursor = tuple[datetime, UUID]


@dataclass(frozen=True)
class ListedResult:
    """A result with the title of its workflow."""

    result: ResultView
    workflow_title: str


def newest_results(
    db: Database,
    *,
    status: ResultStatus | None = None,
    limit: int = 25,
    cursor: Cursor | None = None,
) -> tuple[list[ListedResult], Cursor | None]:
    """Return a page of all results, newest first, and the cursor of the next page."""
    there = workflows.is_there(Result.workflow_id)
    query = select(Result).where(there).order_by(Result.submitted_at.desc(), Result.id.desc())
    if status is not None:
        query = query.where(Result.status == status)
    if cursor is not None:
        query = query.where(tuple_(Result.submitted_at, Result.id) < cursor)
    with db.reading() as session:
        found = views_of(session, list(session.scalars(query.limit(limit + 1))))
        titles = workflows.titles_of(session, {each.workflow_id for each in found})
    shown = [ListedResult(each, titles[each.workflow_id]) for each in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return shown, None if last is None else (last.submitted_at, last.id)
