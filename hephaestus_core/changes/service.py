"""Use cases of merges and deliveries: the due ones and their outcomes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from hephaestus_core.changes import conflicts, due, settled, store, waiting
from hephaestus_core.changes.models import Merge
from hephaestus_core.changes.rules import (
    ConflictView,
    DeliveryJob,
    MergeJob,
    MergeReport,
    MergeView,
    SpentWork,
)
from hephaestus_core.changes.states import OPEN
from hephaestus_core.contract.errors import NotFound
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import DeliveryStatus, MergeStatus, TaskStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.memory.saving import learn
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.workflows import deliveries
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.states import DELIVERING

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task


def due_merges(db: Database, *, limit: int = 100) -> list[MergeJob]:
    """Return the due merges, oldest first. Any host may do them; doing one twice is safe.

    A held merge is due again after a pause.
    """
    with db.reading() as session:
        return due.merges(session, limit=limit)


def record_merge(db: Database, merge_id: UUID, report: MergeReport) -> bool:
    """Record the outcome of a merge, and end its task; False if it was recorded before.

    If the task was cancelled during the merge, the merge is recorded all the same.
    """
    with db.transaction() as session:
        task_id = _get(session, merge_id).task_id
        task = tasks.lock_to_end(session, task_id)
        merge = store.lock(session, merge_id)
        overtaken = (merge.status, report.status) == (MergeStatus.DROPPED, MergeStatus.MERGED)
        if merge.status not in OPEN and not overtaken:
            return False
        is_news = merge.status == MergeStatus.PENDING
        if merge.status != report.status:
            store.move(session, merge, report.status)
        merge.commit = report.commit
        merge.conflicts = report.conflicts
        if report.status != MergeStatus.CONFLICT or merge.held_at is not None:
            merge.reason = report.reason
        merge.merged_at, merge.held_at = database_now(session), None
        if report.status != MergeStatus.CONFLICT:
            settled.tell_losers(session, merge, task)
            _finish(session, merge, task)
            return True
        if is_news:
            conflicts.tell(session, merge)
        conflicts.ask_for_resolver(session, merge, task, report.target)
        return True


def record_held(db: Database, merge_id: UUID, *, reason: str) -> None:
    """Record that a merge is held; only a new reason emits an event."""
    with db.transaction() as session:
        merge = store.lock(session, merge_id)
        if merge.status not in OPEN:
            return
        news = merge.held_at is None or merge.reason != reason
        merge.reason, merge.held_at = reason, func.now()
        if news:
            store.tell(session, merge, EventType.MERGE_HELD, reason=reason)


def due_deliveries(db: Database, *, limit: int = 20) -> list[DeliveryJob]:
    """Return the due deliveries; a held one is due again after a pause."""
    with db.reading() as session:
        return due.deliveries(session, limit=limit)


def spent_branches(db: Database, workflow_id: UUID) -> list[str]:
    """Return the branches that a delivered workflow needs no more: those of its attempts.

    Once it is over, its integration branch is one of them.
    """
    with db.reading() as session:
        return due.spent_branches(session, workflow_id)


def due_spent_works(db: Database, *, limit: int = 20) -> list[SpentWork]:
    """Return the delivered workflows whose spent branches are due to be deleted.

    They are due after the delivery, after the workflow's end, and when an agent has ended later.
    """
    with db.reading() as session:
        return due.spent_works(session, limit=limit)


def settle_spent(db: Database, work: SpentWork, *, all_gone: bool) -> None:
    """Record a look at the spent branches of a workflow.

    If some were left, another look is due after a minute, after an hour, and after a day no more.
    """
    with db.transaction() as session:
        due.settle_spent(session, work, all_gone=all_gone)


def record_delivery(
    db: Database,
    job: DeliveryJob,
    *,
    status: DeliveryStatus,
    commit: str | None,
    reason: str | None,
    decided: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Record the outcome of a delivery: delivered, held or conflict; only news emits an event.

    If more work was merged meanwhile, its own delivery stays due.

    Args:
        decided: the conflicts that the policy decided; recorded in any case.
    """
    with db.transaction() as session:
        workflow = workflows.lock(session, job.workflow_id)
        workflow.delivery_conflicts = [*workflow.delivery_conflicts, *map(dict, decided)]
        if workflow.delivery_status not in DELIVERING:
            return
        if workflow.delivery_round != job.round:
            return
        news = (workflow.delivery_status, workflow.delivery_reason) != (status, reason)
        workflow.delivery_reason = reason
        workflow.delivery_commit = commit or workflow.delivery_commit
        workflow.delivery_held_at = func.now() if status == DeliveryStatus.HELD else None
        if news:
            told = {"commit": commit, "branch": workflow.base_branch, "reason": reason}
            deliveries.move(session, workflow, status, **told)


def record_overtaken(db: Database, job: DeliveryJob) -> None:
    """Ask a person once more: the branch holds another commit than the one that was approved."""
    with db.transaction() as session:
        workflow = workflows.lock(session, job.workflow_id)
        if workflow.delivery_status in DELIVERING and workflow.delivery_round == job.round:
            doubt = "more work came to the branch after it was approved"
            deliveries.request(session, workflow, doubt=doubt)


def list_merges(db: Database, workflow_id: UUID, *, limit: int = 500) -> list[MergeView]:
    """Return the first merges of a workflow; raises as :func:`page_of_merges` does."""
    return page_of_merges(db, workflow_id, limit=limit)[0]


def page_of_merges(
    db: Database, workflow_id: UUID, *, limit: int = 50, cursor: tuple[datetime, UUID] | None = None
) -> tuple[list[MergeView], tuple[datetime, UUID] | None]:
    """Return a page of a workflow's merges, oldest first, and the cursor of the next page.

    Raises:
        NotFound: no such workflow.
    """
    query = select(Merge).where(Merge.workflow_id == workflow_id)
    if cursor is not None:
        query = query.where(tuple_(Merge.created_at, Merge.id) > cursor)
    with db.reading() as session:
        workflows.get(session, workflow_id)
        ordered = query.order_by(Merge.created_at, Merge.id).limit(limit + 1)
        found = [_view(merge) for merge in session.scalars(ordered)]
    shown = found[:limit]
    return shown, (shown[-1].created_at, shown[-1].id) if len(found) > limit else None


def get_merge(db: Database, merge_id: UUID) -> MergeView:
    """Return one merge with its conflicts.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        merge = session.get(Merge, merge_id)
        if merge is None:
            raise NotFound(
                f"There is no merge {merge_id}; see the 'merges' of a workflow for their ids.",
                field="merge_id",
            )
        return _view(merge)


def _get(session: Session, merge_id: UUID) -> Merge:
    return session.scalars(select(Merge).where(Merge.id == merge_id)).one()


def _finish(session: Session, merge: Merge, task: "Task") -> None:
    store.tell(
        session,
        merge,
        EventType.MERGE_RECORDED,
        status=merge.status,
        commit=merge.commit,
        conflicts=merge.conflicts,
    )
    task.merge_commit = merge.commit
    if task.status == TaskStatus.UNDER_REVIEW and task.agent_id == merge.agent_id:
        # Before the task ends: what waited for it keeps the workflow from being delivered.
        waiting.release_before(session, task.id)
        tasks.move(session, task, TaskStatus.DONE, commit=merge.commit)
        learn(session, task, commit=merge.commit)
    elif task.status == TaskStatus.DONE:
        _finish_late(session, task)
    if KINDS[task.kind].frees_parent:
        conflicts.retry(session, task.parent_task_id)


def _finish_late(session: Session, task: "Task") -> None:
    """Go on after the merge of a task that was done before: perhaps it is the last one to be made.

    Its workflow may be delivered already, without this.
    """
    session.flush()
    waiting.release_before(session, task.id)
    if not tasks.has_live(session, task.workflow_id):
        tasks.tell_quiet(session, workflows.lock(session, task.workflow_id))


def _view(merge: Merge) -> MergeView:
    values = {name: getattr(merge, name) for name in MergeView.__dataclass_fields__}
    return MergeView(**{**values, "conflicts": [_conflict(each) for each in merge.conflicts]})


def _conflict(stored: dict[str, Any]) -> ConflictView:
    """Return a stored conflict; its times are stored as text."""
    times = {
        name: datetime.fromisoformat(stored[name])
        for name in ("ours_time", "theirs_time")
        if stored.get(name) is not None
    }
    return ConflictView(**{**stored, **times})
