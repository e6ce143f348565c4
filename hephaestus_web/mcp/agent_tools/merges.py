"""Tools about what was merged."""

from dataclasses import dataclass
from uuid import UUID

from hephaestus_core.changes.rules import MergeView
from hephaestus_core.changes.service import page_of_merges
from hephaestus_web.mcp.identity import CallContext, live_door
from hephaestus_web.mcp.shapes import Cursor, Limit, NextCursor
from hephaestus_web.requests.cursors import cursor_key, cursor_text

#: Most conflicts of one merge in a list.
_MOST_CONFLICTS = 20


@dataclass(frozen=True)
class ConflictLine:
    """A file that both sides changed: which side was kept, and the last commit of each."""

    path: str
    kind: str
    kept: str
    ours_commit: str | None
    theirs_commit: str | None


@dataclass(frozen=True)
class MergeLine:
    """A merge of a task's work into the integration branch."""

    task_id: UUID
    status: str
    commit: str | None
    tip: str
    files: int
    reason: str | None
    conflicts: list[ConflictLine]


@dataclass(frozen=True)
class MergeLines:
    """A page of merges, oldest first."""

    merges: list[MergeLine]
    next_cursor: NextCursor


def get_merges(context: CallContext, limit: Limit = 50, cursor: Cursor = "") -> MergeLines:
    """Return merges of the caller's workflow, oldest first."""
    own = live_door(context)
    found, following = page_of_merges(
        own.database, own.caller.workflow_id, limit=limit, cursor=cursor_key(cursor or None)
    )
    return MergeLines([_line(merge) for merge in found], cursor_text(following))


def _line(merge: MergeView) -> MergeLine:
    return MergeLine(
        task_id=merge.task_id,
        status=merge.status,
        commit=merge.commit,
        tip=merge.tip,
        files=merge.files,
        reason=merge.reason,
        conflicts=[
            ConflictLine(each.path, each.kind, each.kept, each.ours_commit, each.theirs_commit)
            for each in merge.conflicts[:_MOST_CONFLICTS]
        ],
    )
