"""What a workflow's merges have come to, for its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.contract.statuses import MergeStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.summaries.conflicts import FileConflict, conflicts_of
from hephaestus_core.tasks import store as tasks

#: Merges and conflicts that are shown; the API pages through them all.
_NEWEST: Final = 20

_SUMS: Final = text("""
    SELECT count(*) FILTER (WHERE status = 'merged') AS merges,
           coalesce(sum(insertions) FILTER (WHERE status = 'merged'), 0)::int AS insertions,
           coalesce(sum(deletions) FILTER (WHERE status = 'merged'), 0)::int AS deletions
    FROM merges WHERE workflow_id = :workflow_id
""")
_MERGES: Final = text("""
    SELECT m.id, m.task_id, t.title, m.branch, m.status, coalesce(m.commit, m.tip) AS commit,
           m.files, m.insertions, m.deletions, m.reason,
           CASE WHEN m.status = 'conflict' THEN ARRAY(
               SELECT c->>'path' FROM jsonb_array_elements(m.conflicts) c LIMIT 20
           ) ELSE '{}' END AS open_paths, coalesce(m.merged_at, m.created_at) AS at
    FROM merges m JOIN tasks t ON t.id = m.task_id
    WHERE m.workflow_id = :workflow_id AND m.status <> 'nothing'
    ORDER BY m.created_at DESC, m.id DESC LIMIT :most
""")


@dataclass(frozen=True)
class MergeLine:
    """The merge of a task's work in one line."""

    id: UUID
    task_id: UUID
    title: str
    branch: str
    status: MergeStatus
    commit: str
    files: int
    insertions: int
    deletions: int
    reason: str | None
    open_paths: list[str]
    """The first files in conflict, while it is not settled."""
    at: datetime


@dataclass(frozen=True)
class ConflictLine:
    """A file of which one version was kept, with the title of the merged task."""

    conflict: FileConflict
    title: str | None
    """None: the delivery to the base branch met it."""


@dataclass(frozen=True)
class MergedWork:
    """The sum of a workflow's merges, and the newest of them and of their conflicts."""

    merges: int
    insertions: int
    deletions: int
    newest: list[MergeLine]
    conflicts: list[ConflictLine]


def merged_work(db: Database, workflow_id: UUID) -> MergedWork:
    """Return what the merges of a workflow have come to; what is listed is the newest.

    Attempts that had nothing to merge, as those of reviewers, are not among them.
    """
    given = {"workflow_id": workflow_id}
    with db.reading() as session:
        sums = session.execute(_SUMS, given).mappings().one()
        merges = session.execute(_MERGES, {**given, "most": _NEWEST}).mappings().all()
        met = conflicts_of(session, workflow_id)[-_NEWEST:]
        titles = tasks.titles_of(session, {each.task_id for each in met if each.task_id})
    return MergedWork(
        **sums,
        newest=[MergeLine(**{**row, "status": MergeStatus(row["status"])}) for row in merges],
        conflicts=[
            ConflictLine(each, titles.get(each.task_id) if each.task_id else None)
            for each in reversed(met)
        ],
    )
