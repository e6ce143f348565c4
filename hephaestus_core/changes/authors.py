"""Which commits a workflow's merges have made, and whose work each brought in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.contract.errors import NotFound
from hephaestus_core.db.engine import Database

_REPOSITORY: Final = text("SELECT repository FROM workflows WHERE id = :workflow_id")
#: Only full ids, since git takes other words for names.
_MERGED: Final = text("""
    SELECT m.commit, m.task_id, m.agent_id, t.title, m.merged_at AS at
    FROM merges m JOIN tasks t ON t.id = m.task_id
    WHERE m.workflow_id = :workflow_id AND m.status = 'merged'
      AND m.commit ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'
      AND (CAST(:task_id AS uuid) IS NULL OR m.task_id = :task_id)
      AND (CAST(:agent_id AS uuid) IS NULL OR m.agent_id = :agent_id)
    ORDER BY m.merged_at DESC, m.id DESC LIMIT :most
""")


@dataclass(frozen=True)
class MergedCommit:
    """A commit that brought the work of one attempt into a workflow's integration branch."""

    commit: str
    task_id: UUID
    agent_id: UUID
    title: str
    """Of the task."""
    at: datetime


def merged_commits(
    db: Database,
    workflow_id: UUID,
    *,
    task_id: UUID | None = None,
    agent_id: UUID | None = None,
    most: int,
) -> tuple[str, list[MergedCommit]]:
    """Return the repository of a workflow and the commits of its merges, newest first.

    Args:
        db: the database.
        workflow_id: of the workflow.
        task_id: only those of this task.
        agent_id: only those of this attempt.
        most: as many at most.

    Raises:
        NotFound: there is no such workflow.
    """
    wanted = {"workflow_id": workflow_id, "task_id": task_id, "agent_id": agent_id, "most": most}
    with db.reading() as session:
        repository = session.scalar(_REPOSITORY, {"workflow_id": workflow_id})
        if repository is None:
            raise NotFound(f"No workflow {workflow_id}; the list of workflows shows the ids.")
        rows = session.execute(_MERGED, wanted).mappings()
        return repository, [MergedCommit(**row) for row in rows]
