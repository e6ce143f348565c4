"""The tasks around one: its parent, its children, and those that it comes after."""

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
