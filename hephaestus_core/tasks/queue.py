"""The queue: waiting tasks in claim order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.tasks.models import Task
from hephaestus_core.tasks.phase_names import NAMED
from hephaestus_core.tasks.views import TaskView, view

#: Largest position that is told, so that the cost does not grow with the queue.
_MOST_POSITIONS: Final = 1000

_POSITION: Final = text("""
    SELECT ahead.position FROM (
        SELECT t.id, row_number() OVER (
            ORDER BY t.boosted DESC, t.priority DESC, t.queued_at, t.id
        ) AS position
        FROM tasks t WHERE t.status = 'queued'
        ORDER BY t.boosted DESC, t.priority DESC, t.queued_at, t.id LIMIT :most
    ) ahead WHERE ahead.id = :task_id
""")

_CLAIM_ORDER: Final = (Task.boosted.desc(), Task.priority.desc(), Task.queued_at, Task.id)


@dataclass(frozen=True)
class QueuePlace:
    """The end of a page of the queue: the last task's position and sort key."""

    position: int
    boosted: bool
    priority: int
    queued_at: datetime
    task_id: UUID


@dataclass(frozen=True)
class QueueStatus:
    """A page of waiting tasks; ``next`` continues after it, None at the end."""

    queued: int
    items: list[TaskView]
    next: QueuePlace | None


def queue_status(db: Database, *, limit: int = 100, after: QueuePlace | None = None) -> QueueStatus:
    """Return how many tasks wait, and a page of them in claim order."""
    waiting = NAMED.where(Task.status == TaskStatus.QUEUED).order_by(*_CLAIM_ORDER).limit(limit + 1)
    if after is not None:
        waiting = waiting.where(_behind(after))
    with db.reading() as session:
        total = session.scalar(select(func.count()).where(Task.status == TaskStatus.QUEUED)) or 0
        found = session.execute(waiting).all()
    shown = found[:limit]
    first = 1 if after is None else after.position + 1
    return QueueStatus(
        queued=total,
        items=[view(task, name, number) for number, (task, name) in enumerate(shown, start=first)],
        next=_place(shown[-1][0], first + limit - 1) if len(found) > limit else None,
    )


def position(session: Session, task: Task) -> int | None:
    """Return the task's position in the queue, computed at each call.

    None: it is not queued, or a thousand tasks are before it.
    """
    return position_of(session, task.id) if task.status == TaskStatus.QUEUED else None


def position_of(session: Session, task_id: UUID) -> int | None:
    """Return the position of a queued task; None where a thousand tasks are before it."""
    found: int | None = session.scalar(_POSITION, {"task_id": task_id, "most": _MOST_POSITIONS})
    return found


def _behind(place: QueuePlace) -> ColumnElement[bool]:
    """Return the condition for tasks behind a place: two keys descend, two ascend."""
    same_priority = and_(
        Task.priority == place.priority,
        tuple_(Task.queued_at, Task.id) > (place.queued_at, place.task_id),
    )
    same_boost = and_(
        Task.boosted.is_(place.boosted), or_(Task.priority < place.priority, same_priority)
    )
    return or_(Task.boosted.is_(False), same_boost) if place.boosted else same_boost


def _place(task: Task, number: int) -> QueuePlace:
    assert task.queued_at is not None, "what is queued has been queued at some time"
    return QueuePlace(number, task.boosted, task.priority, task.queued_at, task.id)
