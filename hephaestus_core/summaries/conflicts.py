"""Files that two sides had changed, and whose version stands now; joins the open transaction."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

#: Conflicts in one summary; a workflow with more is read merge by merge.
_MOST: Final = 1000

_CONFLICTS: Final = text("""
    WITH decided AS (
        SELECT m.task_id, w.integration_branch AS ours, m.branch AS theirs,
               coalesce(m.merged_at, m.created_at) AS at, m.id AS merge_id, m.conflicts
        FROM merges m JOIN workflows w ON w.id = m.workflow_id
        WHERE m.workflow_id = :workflow_id AND m.status IN ('merged', 'conflict')
        UNION ALL
        SELECT NULL, base_branch, integration_branch, 'infinity', id, delivery_conflicts
        FROM workflows WHERE id = :workflow_id
    )
    SELECT d.task_id, d.ours, d.theirs, c->>'path' AS path, c->>'kind' AS kind,
           c->>'kept' AS kept, c->>'ours_commit' AS ours_commit,
           c->>'theirs_commit' AS theirs_commit
    FROM decided d CROSS JOIN jsonb_array_elements(d.conflicts) WITH ORDINALITY AS e(c, number)
    ORDER BY d.at, d.merge_id, e.number LIMIT :most
""")


@dataclass(frozen=True)
class FileConflict:
    """A file that two branches had changed when one was merged into the other.

    ``kept`` says whose version stands: "ours" of the branch that was merged into, "theirs" of the
    branch that was merged, "both" while it is not settled. Each commit is the last one that
    touched the file on its side.
    """

    path: str
    kind: str
    kept: str
    ours: str
    theirs: str
    ours_commit: str
    theirs_commit: str
    task_id: UUID | None
    """Of the merged work; None: the delivery to the base branch met the conflict."""


def conflicts_of(session: Session, workflow_id: UUID) -> list[FileConflict]:
    """Return the conflicts of a workflow's merges, oldest first, then those of its delivery."""
    rows = session.execute(_CONFLICTS, {"workflow_id": workflow_id, "most": _MOST})
    return [FileConflict(**row) for row in rows.mappings()]
