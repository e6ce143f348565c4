"""Conflicts of merges: the event, and the task that resolves one; joins the open transaction."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.changes import store
from hephaestus_core.changes.models import Merge
from hephaestus_core.changes.resolvers import other_sides, paths_of, resolver_text
from hephaestus_core.changes.rules import LEFT_TO_PEOPLE
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.statuses import MergeStatus, TaskKind, WorkflowStatus
from hephaestus_core.contract.titles import TITLE_LIMIT
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.tasks.relatives import resolvers_in_all
from hephaestus_core.tasks.states import LIVE
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: Most agents that try to resolve one conflict; then it waits for a person.
_MOST_RESOLVERS: Final = 2
#: Most of them for the work of one task in all. What a resolver has made may conflict again, with
#: what was merged meanwhile, or because it did not bring the other side in.
_MOST_IN_ALL: Final = 4


def tell(session: Session, merge: Merge) -> None:
    """Emit the event of a conflict with its paths."""
    store.tell(
        session, merge, EventType.MERGE_CONFLICTED, paths=paths_of(merge), reason=merge.reason
    )


def ask_for_resolver(session: Session, merge: Merge, task: "Task", target: str | None) -> None:
    """Create a task that resolves a conflict, if the policy is ``agent`` and none is live.

    After two such tasks, or four for the work of one task, it is left to people, with an event.
    """
    workflow = workflows.lock(session, merge.workflow_id)
    if workflow.conflict_resolution != "agent" or workflow.status != WorkflowStatus.ACTIVE:
        return
    resolvers = tasks.child_states(session, task.id, kind=TaskKind.CONFLICT)
    if any(status in LIVE for status in resolvers):
        return
    may_try = len(resolvers) < _MOST_RESOLVERS
    if may_try and resolvers_in_all(session, task.id) < _MOST_IN_ALL:
        _add_resolver(session, merge, task, target)
    elif merge.reason != LEFT_TO_PEOPLE:
        merge.reason = LEFT_TO_PEOPLE
        tell(session, merge)


def _title(task: "Task") -> str:
    """Return the title of the task that resolves; it names the work, however often it conflicts."""
    if KINDS[task.kind].frees_parent:
        return task.title
    return f"Resolve the conflict of: {task.title}"[:TITLE_LIMIT]


def _add_resolver(session: Session, merge: Merge, task: "Task", target: str | None) -> None:
    add(
        session,
        TaskOrder(
            workflow_id=merge.workflow_id,
            phase_id=task.phase_id,
            kind=TaskKind.CONFLICT,
            priority="high",
            parent_task_id=task.id,
            created_by="merge",
            start_commit=merge.tip,
            title=_title(task),
            description=resolver_text(merge, task, other_sides(session, merge), target, Marks()),
            done_definition="Both sides' intent is kept, nothing is left unmerged, tests pass.",
        ),
    )
    ring_all(session)


def retry(session: Session, task_id: UUID | None) -> None:
    """Make a conflicting merge due again, after the resolving task was merged."""
    query = select(Merge).where(Merge.task_id == task_id, Merge.status == MergeStatus.CONFLICT)
    for merge in session.scalars(query.with_for_update()):
        merge.held_at = None
        store.move(session, merge, MergeStatus.PENDING)
    ring_all(session)
