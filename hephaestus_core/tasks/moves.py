"""Changes of a task's own row, with their events; every function joins the open transaction.

``store.move`` adds the consequences for other tasks and for the workflow.
"""

from collections.abc import Collection
from typing import Any, Final, cast
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, BigInteger, Select, Table, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, make_transient_to_detached

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.db.engine import database_now
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.tasks.merges import drop_merges
from hephaestus_core.tasks.models import Task, TaskMark
from hephaestus_core.tasks.reviews import drop_reviews
from hephaestus_core.tasks.states import ENDED, MACHINE, WITHDRAWN

#: The table, not the class: an INSERT through the class takes half as long again.
_TASKS: Final = cast("Table", Task.__table__)
#: The times that the database writes; all other columns are given.
_TIMES: Final = ("created_at", "updated_at", "queued_at")
_GIVEN: Final = tuple(column for column in _TASKS.c if column.name not in _TIMES)


def _adding(**times: Any) -> Select[*tuple[Any, ...]]:
    """Return the statement that adds a task with its marks, in one round trip."""
    given = {column.name: bindparam(f"new_{column.name}", type_=column.type) for column in _GIVEN}
    added = (
        insert(_TASKS)
        .values({**given, **times})
        .on_conflict_do_nothing(
            index_elements=["workflow_id", "phase_id", "text_key"],
            index_where=text("text_key IS NOT NULL"),
        )
        .returning(_TASKS.c.id, *(_TASKS.c[name] for name in _TIMES))
        .cte("added")
    )
    mark = func.unnest(bindparam("marks", type_=ARRAY(BigInteger)))
    marked = insert(TaskMark).from_select(["mark", "task_id"], select(mark, added.c.id))
    return select(*(added.c[name] for name in _TIMES)).add_cte(marked.cte("marked"))


_ADD_WAITING: Final = _adding()
#: ``now()`` is what :func:`database_now` returns; here it costs no query of its own.
_ADD_QUEUED: Final = _adding(queued_at=func.now())


def added(session: Session, *, waits: bool, **values: Any) -> Task:
    """Add a task, announce it, and queue it unless it ``waits``; returns it.

    Args:
        session: the open one.
        waits: for the work of its creator, or for other tasks.
        values: columns of the row.
    """
    task = _pending(session, values)
    if not waits:
        change(session, task, TaskStatus.QUEUED)
    return task


def added_with_key(
    session: Session, *, waits: bool, text_key: str, marks: Collection[int], **values: Any
) -> Task | None:
    """Add a task as :func:`added` does; None if another task of its phase holds the key.

    While another transaction adds one with the key, this one waits for its end.

    Args:
        session: the open one.
        waits: as for :func:`added`.
        text_key: hash of its text.
        marks: by which tasks that are like it find it.
        values: columns of the row.
    """
    status = TaskStatus.PENDING if waits else TaskStatus.QUEUED
    given = {**_fresh(), **values, "status": status, "text_key": text_key}
    row = {column.name: given.get(column.name) for column in _GIVEN}
    added = session.connection().execute(
        _ADD_WAITING if waits else _ADD_QUEUED,
        {**{f"new_{name}": value for name, value in row.items()}, "marks": list(set(marks))},
    )
    times = added.mappings().one_or_none()
    if times is None:
        return None
    task = Task(**row, **times)
    make_transient_to_detached(task)
    session.add(task)
    _announce(session, task)
    if not waits:
        tell(session, task, TaskStatus.PENDING, TaskStatus.QUEUED, {})
        ring_all(session)
    return task


def added_duplicate(session: Session, original_id: UUID, **values: Any) -> Task:
    """Add a task that stays undone, since another one does its work; returns it."""
    task = _pending(session, {**values, "duplicate_of": original_id})
    told = {"duplicate_of": str(original_id), "reason": task.similarity_reason}
    change(session, task, TaskStatus.DUPLICATED, **told)
    return task


def change(session: Session, task: Task, status: TaskStatus, **reported: Any) -> None:
    """Turn a locked task to ``status`` and say so.

    Args:
        session: the open one.
        task: locked, or new.
        status: the new one.
        reported: values that go into the event, JSON only.

    Raises:
        TransitionRefused: the state table has no such edge.
    """
    before = task.status
    MACHINE.check(task.id, before, status)
    task.status = status
    if before in ENDED:
        task.queued_at = None
    _stamp(session, task, status)
    if before == TaskStatus.UNDER_REVIEW and status != TaskStatus.DONE:
        drop_merges(session, [task.id])
        drop_reviews(session, [task.id], str(reported.get("reason", f"its task is {status}")))
    tell(session, task, before, status, reported)
    if status == TaskStatus.QUEUED:
        ring_all(session)


def tell(
    session: Session, task: Task, before: TaskStatus, after: TaskStatus, reported: dict[str, Any]
) -> None:
    """Emit the event of a change of status."""
    emit(
        session,
        EventType.TASK_STATUS_CHANGED,
        workflow_id=task.workflow_id,
        task_id=task.id,
        agent_id=task.agent_id,
        **{"from": before, "to": after},
        **reported,
    )


def _fresh() -> dict[str, Any]:
    """Return the values of a new task that its creator does not choose."""
    return {
        "id": uuid4(),
        "boosted": False,
        "bumped": False,
        "attempt": 0,
        "retries": {},
        "key_learnings": [],
    }


def _pending(session: Session, values: dict[str, Any]) -> Task:
    """Add a row that is written with the status that it is given next: one INSERT, no UPDATE."""
    # The time is asked for before there is a row, since a query would write it first.
    database_now(session)
    task = Task(**_fresh(), status=TaskStatus.PENDING, **values)
    session.add(task)
    _announce(session, task)
    return task


def _announce(session: Session, task: Task) -> None:
    emit(
        session,
        EventType.TASK_CREATED,
        workflow_id=task.workflow_id,
        task_id=task.id,
        agent_id=task.creator_agent_id,
        phase_id=task.phase_id,
        kind=task.kind,
        created_by=task.created_by,
        description=task.description[:500],
        related_to=None if task.related_to is None else str(task.related_to),
    )


def _stamp(session: Session, task: Task, status: TaskStatus) -> None:
    if status == TaskStatus.QUEUED:
        # A retry keeps its place in the queue: it has waited before.
        task.queued_at = task.queued_at or database_now(session)
        task.agent_id = None
    elif status == TaskStatus.BLOCKED:
        task.agent_id = None
    elif status == TaskStatus.ASSIGNED:
        task.started_at = task.started_at or database_now(session)
        task.due_at = None
    elif status in ENDED:
        task.completed_at = database_now(session)
    if status in WITHDRAWN:
        task.text_key = None
    if status in {TaskStatus.UNDER_REVIEW, TaskStatus.DONE}:
        # That of an earlier attempt, which its agent keeps.
        task.failure_class = task.failure_reason = None
