"""The tasks around one: its parent, its children, those before it, those that resolve it."""

from collections import defaultdict
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import TaskKind, TaskStatus
from hephaestus_core.db.base import WordOf

#: One statement: every reader of a task waits for it.
_RELATIVES: Final = text("""
    SELECT CASE WHEN around.id = :parent_task_id THEN 'parent' ELSE 'child' END AS relation,
           around.*
    FROM (
        SELECT id, phase_id, kind, status, title, left(description, 300) AS description, created_at
        FROM tasks WHERE id = :parent_task_id OR parent_task_id = :task_id
        ORDER BY created_at, id LIMIT :limit
    ) around
    UNION ALL
    SELECT 'before', a.id, a.phase_id, a.kind, a.status, a.title, left(a.description, 300),
           a.created_at
    FROM task_dependencies d JOIN tasks named ON named.id = d.after_id
    JOIN tasks a ON a.id = coalesce(named.duplicate_of, named.id) WHERE d.task_id = :task_id
    ORDER BY created_at, id
""").columns(kind=WordOf(TaskKind), status=WordOf(TaskStatus))

#: From a resolver up to the work whose conflict it resolves, and down to all that resolve it.
_RESOLVERS: Final = text("""
    WITH RECURSIVE up AS (
        SELECT id, kind, parent_task_id FROM tasks WHERE id = :task_id
        UNION ALL
        SELECT t.id, t.kind, t.parent_task_id FROM tasks t
        JOIN up ON up.kind = :conflict AND t.id = up.parent_task_id
    ), down AS (
        SELECT id FROM up WHERE kind <> :conflict
        UNION ALL
        SELECT t.id FROM tasks t JOIN down ON t.parent_task_id = down.id AND t.kind = :conflict
    )
    SELECT count(*) - 1 FROM down
""")


def resolvers_in_all(session: Session, task_id: UUID) -> int:
    """Return how many tasks were made to resolve conflicts of one work, and conflicts of theirs.

    Args:
        task_id: the work's task, or one of those that resolve.
    """
    given = {"task_id": task_id, "conflict": TaskKind.CONFLICT}
    count: int = session.execute(_RESOLVERS, given).scalar_one()
    return count


def relatives(
    session: Session, task_id: UUID, parent_task_id: UUID | None, *, most_children: int
) -> dict[str, list[dict[str, Any]]]:
    """Return the tasks around one in a few words, oldest first, by ``parent, child, before``."""
    # The parent is older than its children, so it is among the first.
    limit = most_children + (parent_task_id is not None)
    given = {"task_id": task_id, "parent_task_id": parent_task_id, "limit": limit}
    found = defaultdict(list)
    for row in session.execute(_RELATIVES, given).mappings():
        found[row["relation"]].append({k: v for k, v in row.items() if k != "relation"})
    return found
