"""Use cases of tasks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import TransitionRefused
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import TaskStatus, checked_word
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.tasks import queue, store
from hephaestus_core.tasks.models import Task
from hephaestus_core.tasks.phase_names import NAMED
from hephaestus_core.tasks.states import ENDED, LIVE
from hephaestus_core.tasks.views import TaskView, view
from hephaestus_core.workflows import store as workflows


@dataclass(frozen=True)
class Page:
    """A page of tasks, newest first; ``cursor`` continues after it, None at the end."""

    items: list[TaskView]
    cursor: tuple[datetime, UUID] | None


def get_task(db: Database, task_id: UUID) -> TaskView:
    """Return one task, with its place in the queue if it is among the first thousand.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        task, phase_name = store.with_phase_name(session, task_id)
        return view(task, phase_name, queue.position(session, task))


def list_tasks(
    db: Database,
    *,
    workflow_id: UUID | None = None,
    status: str | None = None,
    phase_id: int | None = None,
    parent_task_id: UUID | None = None,
    live: bool = False,
    limit: int = 50,
    cursor: tuple[datetime, UUID] | None = None,
) -> Page:
    """Return a page of tasks, newest first.

    Args:
        live: only those that have not ended.

    Raises:
        InvalidInput: ``status`` is none of a task.
    """
    wanted = {
        Task.workflow_id: workflow_id,
        Task.status: None if status is None else checked_word(TaskStatus, status, "status"),
        Task.phase_id: phase_id,
        Task.parent_task_id: parent_task_id,
    }
    query = NAMED.order_by(Task.created_at.desc(), Task.id.desc()).limit(limit + 1)
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if live:
        query = query.where(Task.status.in_(LIVE))
    if cursor is not None:
        query = query.where(tuple_(Task.created_at, Task.id) < cursor)
    with db.reading() as session:
        return _page(session, query, limit)


def cancel_task(db: Database, task_id: UUID, *, reason: str = "cancelled by a person") -> TaskView:
    """Cancel a task that has not ended; its agent, if any, is stopped and its work kept.

    Raises:
        NotFound: there is none with this id.
        TransitionRefused: it has ended.
    """
    with db.transaction() as session:
        task = store.lock_to_end(session, task_id)
        task.failure_class = None
        task.failure_reason = plain_text(reason, "reason", limit=2000)
        store.move(session, task, TaskStatus.CANCELLED, reason=task.failure_reason)
        ring_all(session)
        session.flush()
        return view_of(session, task)


def restart_task(db: Database, task_id: UUID) -> TaskView:
    """Queue an ended task again; it continues from its saved work.

    Raises:
        NotFound: there is none with this id.
        WorkflowClosed: its workflow takes no more work.
        TransitionRefused: it has not ended.
    """
    with db.transaction() as session:
        workflows.open_for_work(session, store.get(session, task_id).workflow_id)
        task = store.lock(session, task_id)
        if task.status == TaskStatus.DUPLICATED:
            raise TransitionRefused(
                f"Task {task_id} is a duplicate of task {task.duplicate_of}, which does its work; "
                "restart that one, or say that this one is no duplicate."
            )
        if task.status not in ENDED:
            raise TransitionRefused(
                f"Task {task_id} is {task.status}; only a task that has ended can be restarted."
            )
        store.move(session, task, TaskStatus.QUEUED)
        session.flush()
        store.reset_for_restart(session, task_id)
        session.refresh(task)
        return view_of(session, task)


def bump_task(db: Database, task_id: UUID) -> TaskView:
    """Start a queued task at once, beyond every limit.

    Raises:
        NotFound: there is none with this id.
        TransitionRefused: it is not queued.
    """
    with db.transaction() as session:
        task = store.lock(session, task_id)
        if task.status != TaskStatus.QUEUED:
            raise TransitionRefused(
                f"Task {task_id} is {task.status}; only a queued task can be bumped."
            )
        task.boosted = task.bumped = True
        task.due_at = None
        emit(session, EventType.TASK_BUMPED, workflow_id=task.workflow_id, task_id=task.id)
        ring_all(session)
        session.flush()
        return view_of(session, task)


def view_of(session: Session, task: Task) -> TaskView:
    """Return a task as readers see it, with its place in the queue; joins the open session."""
    name = workflows.phase_name(session, task.workflow_id, task.phase_id)
    return view(task, name, queue.position(session, task))


def _page(session: Session, query: Select[Task, str], limit: int) -> Page:
    found = [view(task, phase_name) for task, phase_name in session.execute(query)]
    shown = found[:limit]
    return Page(
        items=shown,
        cursor=(shown[-1].created_at, shown[-1].id) if len(found) > limit else None,
    )
