"""Task rows for use cases of other capabilities; every function joins the open transaction.

Locks are taken in one order everywhere: workflow, task, agent, event log.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from random import random
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import ScalarSelect, bindparam, exists, func, select, update
from sqlalchemy.orm import Session

from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.errors import NotFound
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import TaskKind, TaskStatus, WorkflowStatus
from hephaestus_core.db.engine import database_now
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.tasks import dependencies, joins, moves
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.tasks.merges import any_merged, drop_merges
from hephaestus_core.tasks.models import Task
from hephaestus_core.tasks.phase_names import NAMED
from hephaestus_core.tasks.questions import cancel_questions
from hephaestus_core.tasks.reviews import drop_reviews
from hephaestus_core.tasks.rules import Retry, SwitchProgram, after_failure
from hephaestus_core.tasks.states import ENDED, LIVE, MACHINE
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow

_NAMED_BY_ID: Final = NAMED.where(Task.id == bindparam("task_id"))


def get(session: Session, task_id: UUID) -> Task:
    """Return the task.

    Raises:
        NotFound: there is none with this id.
    """
    return found(session.get(Task, task_id), task_id)


def titles_of(session: Session, task_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the titles of tasks by their ids."""
    if not task_ids:
        return {}
    found = session.execute(select(Task.id, Task.title).where(Task.id.in_(task_ids)))
    return {row.id: row.title for row in found}


def with_phase_name(session: Session, task_id: UUID) -> tuple[Task, str | None]:
    """Return the task and the name of its phase, in one round trip; raises as :func:`get`."""
    row = session.execute(_NAMED_BY_ID, {"task_id": task_id}).one_or_none()
    task, name = row or (None, None)
    return found(task, task_id), name


def of_ids(session: Session, task_ids: Collection[UUID]) -> dict[UUID, Task]:
    """Return these tasks by their ids, as far as they exist."""
    found = session.scalars(select(Task).where(Task.id.in_(task_ids)))
    return {task.id: task for task in found}


def lock(session: Session, task_id: UUID) -> Task:
    """Return the task locked for update.

    Raises:
        NotFound: there is none with this id.
    """
    return found(locked(session, task_id), task_id)


def locked(session: Session, task_id: UUID | ScalarSelect[UUID]) -> Task | None:
    """Return the task locked for update; None if there is none."""
    query = select(Task).where(Task.id == task_id).with_for_update(key_share=True)
    return session.scalar(query.execution_options(populate_existing=True))


def lock_to_end(session: Session, task_id: UUID) -> Task:
    """Return the task locked, after its workflow, as a :func:`move` to an end requires.

    Raises:
        NotFound: there is none with this id.
    """
    return found(locked_to_end(session, task_id), task_id)


def locked_to_end(session: Session, task_id: UUID | ScalarSelect[UUID]) -> Task | None:
    """Return the task as :func:`lock_to_end` does; None if there is none."""
    its_workflow = select(Task.workflow_id).where(Task.id == task_id).scalar_subquery()
    workflows.locked(session, its_workflow)
    return locked(session, task_id)


def move(session: Session, task: Task, status: TaskStatus, **reported: Any) -> None:
    """Turn a locked task to ``status`` and say so; at an end, start what waited for it.

    Tasks that come after it are queued, joins that are due get their tasks, and a workflow without
    a live task becomes quiet.

    Args:
        reported: values that go into the event, JSON only.

    Raises:
        TransitionRefused: the state table has no such edge.
    """
    moves.change(session, task, status, **reported)
    if status == TaskStatus.DONE:
        session.flush()
        dependencies.release(session, task.id)
    if status in ENDED:
        cancel_questions(session, [task.id])
        session.flush()
        _tell_workflow(session, task.workflow_id)


def go_on_from(task: Task, commit: str | None) -> None:
    """Let the next attempt at a locked task begin from a saved commit; None: as it would anyway.

    Who judges always begins anew: what an earlier judge has changed is not what was reported.
    """
    if commit is not None and KINDS[task.kind].judges_with is None:
        task.start_commit = commit


def fail_attempt(
    session: Session,
    task: Task,
    failure_class: FailureClass,
    reason: str,
    *,
    start_commit: str | None,
    not_before: datetime | None = None,
    programs_left: Sequence[str] | None = None,
) -> None:
    """Apply the retry policy to a locked task after a failed attempt: queue it again, or fail it.

    In a closed workflow, which must be locked too, the task is cancelled.

    Args:
        start_commit: commit to continue from; None keeps the earlier one.
        not_before: end of a quota's period, if known.
        programs_left: the remaining fallbacks, if the program failed; None: the next attempt has
            the same program.
    """
    task.failure_class, task.failure_reason = failure_class, reason
    go_on_from(task, start_commit)
    if workflows.get(session, task.workflow_id).status != WorkflowStatus.ACTIVE:
        move(session, task, TaskStatus.CANCELLED, reason=f"{reason}; the workflow is closed")
        return
    retries = task.retries.get(failure_class, 0)
    next_step = after_failure(
        failure_class,
        retries=retries,
        now=database_now(session),
        jitter=random(),
        not_before=not_before,
        programs_left=programs_left or (),
    )
    if programs_left is not None:
        task.next_programs = list(programs_left) or None
    if isinstance(next_step, SwitchProgram):
        move(session, task, TaskStatus.QUEUED, reason=reason, program=next_step.programs[0])
    elif isinstance(next_step, Retry):
        task.retries = {**task.retries, failure_class: retries + 1}
        task.due_at = next_step.due_at
        move(session, task, TaskStatus.QUEUED, reason=reason, due_at=rfc3339(next_step.due_at))
    else:
        move(session, task, TaskStatus.FAILED, reason=f"{reason}; {next_step.reason}")


def cancel_open(
    session: Session,
    workflow_id: UUID,
    states: Iterable[TaskStatus],
    reason: str,
    *,
    sparing: Collection[UUID] = (),
) -> int:
    """Cancel all tasks of a locked workflow that are in ``states``, but a few; returns how many.

    However many they are, this takes the same number of statements: everybody else waits for the
    workflow's lock meanwhile.
    """
    query = (
        select(Task)
        .where(Task.workflow_id == workflow_id, Task.status.in_(list(states)))
        .order_by(Task.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    tasks = [task for task in session.scalars(query) if task.id not in sparing]
    if not tasks:
        return 0
    for task in tasks:
        MACHINE.check(task.id, task.status, TaskStatus.CANCELLED)
        moves.tell(session, task, task.status, TaskStatus.CANCELLED, {"reason": reason})
    under_review = [task.id for task in tasks if task.status == TaskStatus.UNDER_REVIEW]
    drop_merges(session, under_review)
    drop_reviews(session, under_review, reason)
    cancel_questions(session, [task.id for task in tasks])
    session.execute(
        update(Task)
        .where(Task.id.in_([task.id for task in tasks]))
        .values(
            status=TaskStatus.CANCELLED,
            text_key=None,
            failure_class=None,
            failure_reason=reason,
            completed_at=database_now(session),
        )
    )
    _tell_workflow(session, workflow_id)
    return len(tasks)


def pending_of(session: Session, agent_id: UUID) -> list[UUID]:
    """Return the tasks that wait for this agent's work to be saved."""
    query = select(Task.id).where(
        Task.creator_agent_id == agent_id, Task.status == TaskStatus.PENDING, Task.awaits_creator
    )
    return list(session.scalars(query))


def counts_created(session: Session, agent_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many tasks each of these agents has created; those without one are left out."""
    query = select(Task.creator_agent_id, func.count()).where(Task.creator_agent_id.in_(agent_ids))
    found = session.execute(query.group_by(Task.creator_agent_id))
    return {creator: count for creator, count in found if creator is not None}


def release_pending(
    session: Session,
    agent_id: UUID,
    start_commit: str | None,
    *,
    only: Collection[UUID] | None = None,
) -> int:
    """Queue the tasks that waited for this agent's work; returns how many.

    Those that come after a task which is not done stay pending, to start from this work later.

    Args:
        only: ids of the tasks that waited before it was saved; None: all.
    """
    query = (
        select(Task)
        .where(Task.creator_agent_id == agent_id, Task.status == TaskStatus.PENDING)
        .order_by(Task.id)
        .with_for_update(key_share=True)
    )
    # Those that wait for other tasks alone start from the newest work all the same.
    tasks = [
        task
        for task in session.scalars(query)
        if only is None or task.id in only or not task.awaits_creator
    ]
    held = dependencies.held_up(session, [task.id for task in tasks])
    for task in tasks:
        task.start_commit, task.awaits_creator = start_commit, False
        if task.id not in held:
            move(session, task, TaskStatus.QUEUED)
    return len(tasks) - len(held)


def redirect(
    session: Session,
    task: Task,
    *,
    result_id: UUID,
    parent_task_id: UUID,
    title: str,
    description: str,
    awaits_checks: bool,
    creator_agent_id: UUID | None = None,
    awaits_creator: bool = False,
    start_commit: str | None = None,
) -> None:
    """Turn a locked task that has waited for checks to another result; it is queued if it may be.

    The arguments are those of the order for such a task.
    """
    task.result_id, task.parent_task_id = result_id, parent_task_id
    task.title, task.description = title, description
    task.creator_agent_id, task.start_commit = creator_agent_id, start_commit
    task.awaits_creator, task.awaits_checks = awaits_creator, awaits_checks
    if not awaits_checks and not awaits_creator:
        move(session, task, TaskStatus.QUEUED)


def queue_checked(session: Session, task: Task, *, description: str) -> None:
    """Queue a locked task that has waited for checks, with what its agent is told of them."""
    task.description, task.awaits_checks = description, False
    move(session, task, TaskStatus.QUEUED)


def adopt(session: Session, task_id: UUID, agent_id: UUID) -> bool:
    """Let a task that waits for the work of an ended attempt wait for a new attempt's work.

    Returns False if it waits for no creator.
    """
    task = lock(session, task_id)
    if task.status != TaskStatus.PENDING or not task.awaits_creator:
        return False
    task.creator_agent_id = agent_id
    return True


def orders_of(
    session: Session, agent_ids: Collection[UUID], *, parent_task_id: UUID, phase_id: int | None
) -> list[Task]:
    """Return the tasks that these agents have created there, newest first, at most 500."""
    query = select(Task).where(
        Task.parent_task_id == parent_task_id,
        Task.creator_agent_id.in_(agent_ids),
        Task.phase_id == phase_id,
    )
    return list(session.scalars(query.order_by(Task.created_at.desc(), Task.id).limit(500)))


def has_live(session: Session, workflow_id: UUID) -> bool:
    """Say whether any task of the workflow is live."""
    live = exists().where(Task.workflow_id == workflow_id, Task.status.in_(LIVE))
    return bool(session.scalar(select(live)))


def counts(session: Session, workflow_ids: list[UUID]) -> list[tuple[UUID, int | None, str, int]]:
    """Return (workflow, phase, status, number of tasks) for all the workflows in one query."""
    query = (
        select(Task.workflow_id, Task.phase_id, Task.status, func.count())
        .where(Task.workflow_id.in_(workflow_ids))
        .group_by(Task.workflow_id, Task.phase_id, Task.status)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def child_states(session: Session, task_id: UUID, *, kind: TaskKind) -> list[TaskStatus]:
    """Return the states of the tasks of a kind that have this one as their parent."""
    query = select(Task.status).where(Task.parent_task_id == task_id, Task.kind == kind)
    return list(session.scalars(query))


def reset_for_restart(session: Session, task_id: UUID) -> None:
    """Reset the retries and the fallbacks of a task that a person restarts."""
    session.execute(
        update(Task)
        .where(Task.id == task_id)
        .values(
            boosted=False,
            bumped=False,
            retries={},
            due_at=None,
            next_programs=None,
            failure_class=None,
            failure_reason=None,
            completed_at=None,
        )
    )


def _tell_workflow(session: Session, workflow_id: UUID) -> None:
    """Go on after the end of a task: with the joins that are due, else the workflow is quiet."""
    joins.start_due(session, workflows.get(session, workflow_id))
    if not has_live(session, workflow_id):
        tell_quiet(session, workflows.lock(session, workflow_id))
        ring_all(session)


def tell_quiet(session: Session, workflow: "Workflow") -> None:
    """Say that a locked workflow has no live task, and request the delivery if it is due."""
    workflows.became_quiet(
        session,
        workflow,
        came_to_nothing=_came_to_nothing(session, workflow.id),
        nothing_merged=not any_merged(session, workflow.id),
        used_up=joins.used_up(session, workflow.id),
    )


def _came_to_nothing(session: Session, workflow_id: UUID) -> bool:
    """Return whether no task of the workflow is done, and no work of any is merged."""
    useful = (Task.status == TaskStatus.DONE) | Task.merge_commit.is_not(None)
    query = select(Task.id).where(Task.workflow_id == workflow_id, useful).limit(1)
    return session.scalar(query) is None


def found(task: Task | None, task_id: UUID) -> Task:
    """Return the task that was looked for.

    Raises:
        NotFound: there is none.
    """
    if task is None:
        raise NotFound(f"No task {task_id}; list the tasks to see their ids.", field="task_id")
    return task
