"""The marks by which tasks with similar texts are found; all join the open transaction."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.db.base import WordOf
from hephaestus_core.tasks.states import WITHDRAWN

#: Most tasks that are looked at per mark, the newest ones: the cost is the same however many
#: tasks have it.
_PER_MARK: Final = 16

#: Each task is looked up by its id: LIMIT 1 keeps the planner from joining all tasks of the phase,
#: which it prefers while it has no statistics of a workflow that has just begun. Likewise a range
#: in place of ``mark = asked.mark``: most marks have few rows, so the planner would read and sort
#: all rows of a mark that thousands of tasks share, in place of the newest ones of the index.
_ALIKE: Final = text("""
    SELECT t.id, t.title, t.description, t.status, t.duplicate_of, found.whole, found.shared
    FROM (
        SELECT hit.task_id, count(*) AS shared, bool_or(asked.whole) AS whole
        FROM (
            SELECT mark, true AS whole FROM unnest(CAST(:whole AS bigint[])) AS mark
            UNION ALL SELECT mark, false FROM unnest(CAST(:parts AS bigint[])) AS mark
        ) asked CROSS JOIN LATERAL (
            SELECT m.task_id FROM task_marks m
            WHERE m.mark <= asked.mark AND (m.mark, m.number) > (asked.mark, 0)
            ORDER BY m.mark DESC, m.number DESC LIMIT :per_mark
        ) hit GROUP BY hit.task_id HAVING bool_or(asked.whole) OR count(*) > 1
    ) found
    CROSS JOIN LATERAL (SELECT * FROM tasks WHERE id = found.task_id LIMIT 1) t
    WHERE t.workflow_id = :workflow_id AND t.phase_id = :phase_id
      AND (t.status <> ALL(:withdrawn) OR t.duplicate_of IS NOT NULL)
    ORDER BY found.whole DESC, found.shared DESC, t.created_at, t.id LIMIT :most
""").columns(status=WordOf(TaskStatus))

_DOERS: Final = text("""
    SELECT id, status FROM tasks WHERE id = ANY(CAST(:ids AS uuid[])) AND status <> ALL(:withdrawn)
""").columns(status=WordOf(TaskStatus))

_WITH_KEY: Final = text("""
    SELECT id, title, description, status, true AS whole, 0 AS shared FROM tasks
    WHERE workflow_id = :workflow_id AND phase_id = :phase_id AND text_key = :key
""").columns(status=WordOf(TaskStatus))

_WITH_IDS: Final = text("""
    SELECT id, title, description, status, false AS whole, 0 AS shared FROM tasks
    WHERE id = ANY(CAST(:ids AS uuid[])) AND workflow_id = :workflow_id AND phase_id = :phase_id
      AND duplicate_of IS NULL AND status <> ALL(:withdrawn)
""").columns(status=WordOf(TaskStatus))

_OF_PARENT: Final = text("""
    SELECT id FROM tasks
    WHERE parent_task_id = :parent_task_id AND workflow_id = :workflow_id AND phase_id = :phase_id
      AND duplicate_of IS NULL AND status <> ALL(:withdrawn)
    ORDER BY created_at DESC, id LIMIT :most
""")

_HAS_MARK: Final = text("""
    SELECT EXISTS (
        SELECT FROM task_marks
        WHERE mark = ANY(CAST(:marks AS bigint[])) AND task_id = :task_id
    )
""")


@dataclass(frozen=True)
class Alike:
    """A live or done task whose text may ask for the same work."""

    id: UUID
    title: str
    description: str
    status: TaskStatus
    whole: bool
    """Whether it shares a mark of the whole text."""
    shared: int
    """The number of marks that it shares."""


def alike(
    session: Session,
    workflow_id: UUID,
    phase_id: int,
    *,
    whole: Collection[int],
    parts: Collection[int],
    most: int,
) -> list[Alike]:
    """Return the live and done tasks of a phase that share marks, the most alike first."""
    given = {
        "workflow_id": workflow_id,
        "phase_id": phase_id,
        "whole": list(whole),
        "parts": list(parts),
        "withdrawn": sorted(WITHDRAWN),
        "per_mark": _PER_MARK,
        "most": most,
    }
    found = [dict(row) for row in session.execute(_ALIKE, given).mappings()]
    return [Alike(**each) for each in _by_doers(session, found)]


def _by_doers(session: Session, found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Put the tasks that do the work in place of what a person has said to be duplicates."""
    originals = [each["duplicate_of"] for each in found if each["duplicate_of"] is not None]
    statuses = {}
    if originals:
        given = {"ids": list(map(str, originals)), "withdrawn": sorted(WITHDRAWN)}
        statuses = {row.id: row.status for row in session.execute(_DOERS, given)}
    for each in found:
        original = each.pop("duplicate_of")
        if original is None:
            yield each
        elif original in statuses:
            yield {**each, "id": original, "status": statuses[original]}


def with_key(session: Session, workflow_id: UUID, phase_id: int, key: str) -> Alike | None:
    """Return the live or done task of a phase that holds the key."""
    given = {"workflow_id": workflow_id, "phase_id": phase_id, "key": key}
    row = session.execute(_WITH_KEY, given).mappings().one_or_none()
    return None if row is None else Alike(**row)


def with_ids(
    session: Session, workflow_id: UUID, phase_id: int, ids: Collection[UUID]
) -> list[Alike]:
    """Return those of some tasks that are live or done tasks of a phase, in no certain order."""
    given = {
        "workflow_id": workflow_id,
        "phase_id": phase_id,
        "ids": [str(each) for each in ids],
        "withdrawn": sorted(WITHDRAWN),
    }
    return [Alike(**row) for row in session.execute(_WITH_IDS, given).mappings()]


def newest_of_parent(
    session: Session, workflow_id: UUID, phase_id: int, parent_task_id: UUID, *, most: int
) -> list[UUID]:
    """Return the newest live and done tasks of a phase below a parent, the newest first."""
    given = {
        "parent_task_id": parent_task_id,
        "workflow_id": workflow_id,
        "phase_id": phase_id,
        "withdrawn": sorted(WITHDRAWN),
        "most": most,
    }
    return list(session.scalars(_OF_PARENT, given))


def has_mark(session: Session, task_id: UUID, marks: Collection[int]) -> bool:
    """Return whether a task has one of the marks."""
    return bool(session.scalar(_HAS_MARK, {"task_id": task_id, "marks": list(marks)}))
