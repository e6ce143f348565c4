"""What people decide about duplicates: one is none, or a task is one of another task."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import InvalidInput, TransitionRefused
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.tasks import dependencies, store
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.tasks.models import Task
from hephaestus_core.tasks.service import view_of
from hephaestus_core.tasks.states import LIVE, WITHDRAWN
from hephaestus_core.tasks.tally import count_one
from hephaestus_core.tasks.views import TaskView
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.limits import limits_of, refusals_told, refuse

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow

#: Whether one task comes after another, at any distance.
_COMES_AFTER: Final = text("""
    WITH RECURSIVE before (id) AS (
        SELECT coalesce(a.duplicate_of, a.id)
        FROM task_dependencies d JOIN tasks a ON a.id = d.after_id WHERE d.task_id = :task_id
        UNION
        SELECT coalesce(a.duplicate_of, a.id) FROM before
        JOIN task_dependencies d ON d.task_id = before.id JOIN tasks a ON a.id = d.after_id
    )
    SELECT EXISTS (SELECT FROM before WHERE id = :before_id)
""")

#: Whether the agent whose work a pending task starts from is still to save it, and what it has.
_CREATOR: Final = text("""
    SELECT a.ended_at IS NULL AS at_work,
           coalesce(a.checkpoint_commit, t.start_commit, a.base_commit) AS saved
    FROM agents a JOIN tasks t ON t.id = a.task_id WHERE a.id = :agent_id
""")


def not_duplicate(db: Database, task_id: UUID) -> TaskView:
    """Let a duplicate run after all; the other task is recorded as related to it.

    It counts toward the workflow's limits from now on, if it has not before, and is compared with
    no other task.

    Raises:
        NotFound: there is none with this id.
        WorkflowClosed: its workflow takes no more work.
        TransitionRefused: it is no duplicate, or would wait for itself.
        LimitReached: the workflow has too many tasks.
    """
    with refusals_told(db), db.transaction() as session:
        workflow = workflows.open_for_work(session, store.get(session, task_id).workflow_id)
        task = store.lock(session, task_id)
        if task.duplicate_of is None:
            raise TransitionRefused(f"Task {task_id} is {task.status}, and no duplicate.")
        _start_from_what_was_saved(session, task)
        waits = task.awaits_creator or dependencies.held_up(session, [task_id])
        # Together with the status, since a check constraint holds the two together.
        task.related_to, task.duplicate_of = task.duplicate_of, None
        store.move(session, task, TaskStatus.PENDING if waits else TaskStatus.QUEUED)
        session.flush()
        _refuse_to_wait_for_itself(session, task_id)
        store.reset_for_restart(session, task_id)
        session.refresh(task)
        # A person's ruling has no similarity; its task was counted when it was created.
        if task.similarity is not None:
            _count(session, workflow)
        return view_of(session, task)


def is_duplicate(db: Database, task_id: UUID, *, of: UUID, reason: str = "") -> TaskView:
    """Withdraw a live task, since another one does its work; its agent is stopped, its work kept.

    What comes after it, and its own duplicates, follow the other task from now on.

    Raises:
        NotFound: there is none with one of the ids.
        InvalidInput: the other one is the same task, of another workflow, or comes after this one.
        TransitionRefused: this one has ended, or the other does no work.
    """
    with db.transaction() as session:
        task = store.lock_to_end(session, task_id)
        _refuse_unless_live(task)
        original = _original(session, task, of)
        words = plain_text(reason, "reason", limit=2000).strip() or "A person has said so."
        repointed = update(Task).where(Task.duplicate_of == task_id)
        session.execute(repointed.values(duplicate_of=original.id))
        # Together with the status, since a check constraint holds the two together.
        task.duplicate_of, task.similarity, task.similarity_reason = original.id, None, words
        store.move(
            session,
            task,
            TaskStatus.DUPLICATED,
            duplicate_of=str(original.id),
            reason=words,
        )
        session.flush()
        if original.status == TaskStatus.DONE:
            dependencies.release(session, original.id)
        ring_all(session)
        session.flush()
        return view_of(session, task)


def _original(session: Session, task: Task, named: UUID) -> Task:
    """Return the task that does the work of the named one, checked."""
    original = store.get(session, named)
    original = store.get(session, original.duplicate_of or original.id)
    session.refresh(original)
    if original.id == task.id:
        raise InvalidInput(f"Task {task.id} cannot be a duplicate of itself.", field="of")
    if original.workflow_id != task.workflow_id:
        raise InvalidInput(f"Task {original.id} belongs to another workflow.", field="of")
    if original.status in WITHDRAWN:
        raise TransitionRefused(
            f"Task {original.id} is {original.status} and does no work; restart it first."
        )
    given = {"task_id": original.id, "before_id": task.id}
    if session.scalar(_COMES_AFTER, given):
        raise InvalidInput(
            f"Task {original.id} comes after task {task.id}, and so would never start.", field="of"
        )
    return original


def _refuse_unless_live(task: Task) -> None:
    if not KINDS[task.kind].is_compared:
        raise TransitionRefused(
            f"Task {task.id} is a task of the system (kind {task.kind}); cancel it instead."
        )
    if task.status not in LIVE:
        raise TransitionRefused(
            f"Task {task.id} is {task.status}; only a task that has not ended can be withdrawn."
        )


def _start_from_what_was_saved(session: Session, task: Task) -> None:
    """Let a task start from the work of its creator, or of what it comes after.

    Nobody has told it of that while it did no work.
    """
    if task.awaits_creator:
        creator = session.execute(_CREATOR, {"agent_id": task.creator_agent_id}).one()
        task.awaits_creator, task.start_commit = creator.at_work, creator.saved
    elif task.start_commit is None:
        task.start_commit = dependencies.tip_before(session, task.id)


def _refuse_to_wait_for_itself(session: Session, task_id: UUID) -> None:
    """Refuse a task that comes after one which was to come after what did its work."""
    if session.scalar(_COMES_AFTER, {"task_id": task_id, "before_id": task_id}):
        raise TransitionRefused(
            f"Task {task_id} would wait for itself, since one that it comes after comes after it. "
            "Create a new task in its place."
        )


def _count(session: Session, workflow: "Workflow") -> None:
    if not count_one(session, workflow.id, most=limits_of(workflow).tasks_per_workflow):
        raise refuse(workflow, "tasks_per_workflow", agent_id=None)
