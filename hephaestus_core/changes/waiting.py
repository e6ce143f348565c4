"""Merges that wait for the work which follows theirs; every function joins the open transaction.

A phase with ``merge: with_children`` has them: its work alone, such as a failing test, would redden
everybody's tests. They are due once the work of a task that started from theirs is merged.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hephaestus_core.changes import store
from hephaestus_core.changes.models import Merge
from hephaestus_core.contract.statuses import MergeStatus
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: The waiting merges of what a task started from: its parent, its creator, or what it came after.
_BEFORE: Final = text("""
    SELECT m.id FROM tasks t JOIN merges m ON m.workflow_id = t.workflow_id
    WHERE t.id = :task_id AND m.status = 'waiting'
      AND (m.task_id = t.parent_task_id OR m.agent_id = t.creator_agent_id
           OR m.task_id IN (
               SELECT coalesce(a.duplicate_of, a.id)
               FROM task_dependencies d JOIN tasks a ON a.id = d.after_id WHERE d.task_id = t.id
           ))
    ORDER BY m.id
""")


def waits_for_children(session: Session, task: "Task") -> bool:
    """Say whether the work of a task is merged only together with work that follows it."""
    if task.phase_id is None or not KINDS[task.kind].leads_on:
        return False
    spec = workflows.phase(session, task.workflow_id, task.phase_id).spec
    return spec.get("merge") == "with_children"


def release_before(session: Session, task_id: UUID) -> None:
    """Make the merges due that have waited for this task, whose work is merged now."""
    _release(session, session.scalars(_BEFORE, {"task_id": task_id}).all())


def release_own(session: Session, task_id: UUID) -> None:
    """Make the waiting merges of a task due: its result was accepted."""
    own = select(Merge.id).where(Merge.task_id == task_id, Merge.status == MergeStatus.WAITING)
    _release(session, session.scalars(own.order_by(Merge.id)).all())


def _release(session: Session, merge_ids: Sequence[UUID]) -> None:
    for merge_id in merge_ids:
        merge = store.lock(session, merge_id)
        if merge.status == MergeStatus.WAITING:
            store.move(session, merge, MergeStatus.PENDING)
            ring_all(session)
