"""Tasks that come after others; every function joins the open transaction.

A task names only tasks that exist before it, so no chain of them leads back to its beginning.
For a task that is duplicated counts the one that does its work.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, func, insert, select, text, union
from sqlalchemy.orm import Session, aliased

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.statuses import TaskKind, TaskStatus
from hephaestus_core.db.base import WordOf
from hephaestus_core.tasks import moves
from hephaestus_core.tasks.merges import waiting_tip
from hephaestus_core.tasks.models import Task, TaskDependency
from hephaestus_core.tasks.states import ENDED

#: Most tasks that one task may come after.
_MOST: Final = 100

_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_DOER: Final = aliased(Task)
_DOES_IT: Final = _DOER.id == func.coalesce(Task.duplicate_of, Task.id)
_HELD_UP: Final = union(
    select(TaskDependency.task_id)
    .join(Task, Task.id == TaskDependency.after_id)
    .join(_DOER, _DOES_IT)
    .where(TaskDependency.task_id.in_(_IDS), _DOER.status != TaskStatus.DONE),
    select(Task.id).where(Task.id.in_(_IDS), Task.awaits_checks),
)

_BRIEFS: Final = text("""
    SELECT a.id, a.phase_id, a.kind, a.status, a.title, left(a.description, 300) AS description,
           a.created_at
    FROM task_dependencies d JOIN tasks named ON named.id = d.after_id
    JOIN tasks a ON a.id = coalesce(named.duplicate_of, named.id) WHERE d.task_id = :task_id
    ORDER BY a.created_at, a.id
""").columns(kind=WordOf(TaskKind), status=WordOf(TaskStatus))

#: Nothing keeps them: neither their creators' work, nor checks, nor another task.
_READY: Final = text("""
    SELECT t.id, t.workflow_id FROM tasks t
    WHERE t.status = 'pending' AND NOT t.awaits_creator AND NOT t.awaits_checks AND NOT EXISTS (
        SELECT FROM task_dependencies d JOIN tasks named ON named.id = d.after_id
        JOIN tasks a ON a.id = coalesce(named.duplicate_of, named.id)
        WHERE d.task_id = t.id AND a.status <> 'done'
    )
    ORDER BY t.id LIMIT :limit
""")

#: Their creators' attempts have ended without saving the work that they wait for, and no further
#: attempt will do it: they start from what there is.
_ABANDONED: Final = text("""
    SELECT t.id, t.workflow_id, coalesce(c.start_commit, a.base_commit) AS start_commit
    FROM tasks t JOIN agents a ON a.id = t.creator_agent_id JOIN tasks c ON c.id = a.task_id
    WHERE t.status = 'pending' AND t.awaits_creator AND a.ended_at IS NOT NULL
      AND c.status = ANY(:ended)
    ORDER BY t.id LIMIT :limit
""")


def checked(session: Session, workflow_id: UUID, after: Sequence[UUID]) -> dict[UUID, TaskStatus]:
    """Return the named tasks, each with the status of the one that does its work.

    Raises:
        InvalidInput: they are too many, or one is no task of this workflow.
    """
    if not after:
        return {}
    if len(after) > _MOST:
        raise InvalidInput(f"'after' names {len(after)} tasks; at most {_MOST}.", field="after")
    query = (
        select(Task.id, _DOER.status)
        .join(_DOER, _DOES_IT)
        .where(Task.workflow_id == workflow_id, Task.id.in_(after))
    )
    found = {row[0]: row[1] for row in session.execute(query)}
    unknown = [str(task_id) for task_id in after if task_id not in found]
    if unknown:
        raise InvalidInput(
            f"'after' names {', '.join(unknown)}, which this workflow does not have; "
            "list its tasks to see their ids.",
            field="after",
        )
    return found


def all_done(after: Mapping[UUID, TaskStatus]) -> bool:
    """Say whether nothing of what :func:`checked` has returned is still to be done."""
    return all(status == TaskStatus.DONE for status in after.values())


def keep(session: Session, task_id: UUID, after: Collection[UUID]) -> None:
    """Store the tasks that a new one comes after."""
    if after:
        rows = [{"task_id": task_id, "after_id": after_id} for after_id in after]
        session.execute(insert(TaskDependency), rows)


def held_up(session: Session, task_ids: Collection[UUID]) -> set[UUID]:
    """Return those of the tasks that come after one which is not done, or that await checks."""
    if not task_ids:
        return set()
    return set(session.scalars(_HELD_UP, {"ids": list(task_ids)}))


def tip_before(session: Session, task_id: UUID) -> str | None:
    """Return the newest work of what a task comes after that is merged only with what follows."""
    after = select(TaskDependency.after_id).where(TaskDependency.task_id == task_id)
    return waiting_tip(session, list(session.scalars(after)))


def release(session: Session, done_id: UUID) -> None:
    """Queue the tasks of a locked workflow for which a task that is now done was the last."""
    named = select(_DOER.id).where((_DOER.id == done_id) | (_DOER.duplicate_of == done_id))
    query = (
        select(Task)
        .join(TaskDependency, TaskDependency.task_id == Task.id)
        .where(TaskDependency.after_id.in_(named))
        .where(Task.status == TaskStatus.PENDING, ~Task.awaits_creator)
        .order_by(Task.id)
        .with_for_update(key_share=True, of=Task)
        .execution_options(populate_existing=True)
    )
    waiting = list(session.scalars(query))
    held = held_up(session, [task.id for task in waiting])
    tip = waiting_tip(session, [done_id]) if waiting else None
    for task in waiting:
        if tip is not None and (task.start_commit is None or task.parent_task_id == done_id):
            task.start_commit = tip
        if task.id not in held:
            moves.change(session, task, TaskStatus.QUEUED)


def briefs(session: Session, task_id: UUID) -> list[dict[str, Any]]:
    """Return the tasks that one comes after in a few words, oldest first."""
    return [dict(row) for row in session.execute(_BRIEFS, {"task_id": task_id}).mappings()]


def ready(session: Session, *, limit: int = 100) -> list[tuple[UUID, UUID]]:
    """Return pending tasks that nothing keeps any more, each with its workflow."""
    return [(row.id, row.workflow_id) for row in session.execute(_READY, {"limit": limit})]


def abandoned(session: Session, *, limit: int = 100) -> list[tuple[UUID, UUID, str | None]]:
    """Return pending tasks whose creator saves nothing more, each with workflow and commit."""
    rows = session.execute(_ABANDONED, {"limit": limit, "ended": sorted(ENDED)})
    return [(row.id, row.workflow_id, row.start_commit) for row in rows]
