"""Where the commits of a task are: from the base of its merged or newest attempt to its tip."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.db.engine import Database
from hephaestus_core.tasks import store as tasks

#: What was merged outranks what was saved, and that an attempt that has saved nothing.
_WORK: Final = text("""
    SELECT w.repository, w.base_branch, a.base_commit AS base,
           coalesce(m.tip, a.checkpoint_commit) AS tip
    FROM tasks t JOIN workflows w ON w.id = t.workflow_id
    LEFT JOIN agents a ON a.task_id = t.id
    LEFT JOIN merges m ON m.agent_id = a.id
    WHERE t.id = :task_id
    ORDER BY coalesce(m.status = 'merged', false) DESC,
             coalesce(m.tip, a.checkpoint_commit) IS NOT NULL DESC, a.attempt DESC NULLS LAST
    LIMIT 1
""")


@dataclass(frozen=True)
class Work:
    """The saved work of a task, as names of commits in its repository."""

    repository: str
    base_branch: str
    base: str | None
    """Where the attempt began."""
    tip: str | None
    """Its newest saved commit; None: nothing was saved."""


def work_of(db: Database, task_id: UUID) -> Work:
    """Return the work of a task: of its merged attempt, else of the newest that has saved some.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        tasks.get(session, task_id)
        return Work(**session.execute(_WORK, {"task_id": task_id}).mappings().one())
