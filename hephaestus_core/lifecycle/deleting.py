"""The deletion of a workflow: what it takes away, and the order for it.

The order is one short transaction, after which no reader finds the workflow. Its rows go batch by
batch (`deleted_rows.py`), its files and branches with the passes of hosts (`deleted_places.py`).
"""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.bells import CONTROL_QUEUE, Bell, CeleryTaskName
from hephaestus_core.contract.errors import Conflict
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import DeliveryStatus, WorkflowStatus
from hephaestus_core.costs import sums
from hephaestus_core.db.engine import Database, database_now, ring
from hephaestus_core.events.log import emit
from hephaestus_core.lifecycle import closing
from hephaestus_core.lifecycle.models import Deletion
from hephaestus_core.lifecycle.views import DeletionCounts, DeletionView
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import deliveries
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow

_STAYS: Final = (
    "what was used, in the costs by day",
    "the entries of the audit log",
    "what its agents have learned, in the memories",
    "the facts that were recorded of its repository",
)
_UNMERGED_STAY: Final = "branches with commits that nothing else holds"
_BASE_STAYS: Final = "everything that is on other branches of the repository"

_COUNTS: Final = text("""
    SELECT (SELECT count(*) FROM tasks WHERE workflow_id = :id) AS tasks,
           (SELECT count(*) FROM events WHERE workflow_id = :id) AS events,
           (SELECT count(*) FROM results WHERE workflow_id = :id) AS results,
           (SELECT count(*) FROM messages WHERE workflow_id = :id) AS messages,
           (SELECT count(*) FROM result_files WHERE workflow_id = :id) AS handed_in,
           worked.*, EXISTS (
               SELECT FROM merges WHERE workflow_id = :id AND status = 'merged'
           ) AS merged
    FROM (
        SELECT count(*) AS attempts,
               count(*) FILTER (WHERE a.released_at IS NULL) AS unreleased,
               coalesce(sum((
                   SELECT coalesce(sum((one->>'files')::bigint), 0)
                   FROM jsonb_array_elements(a.left_out) AS one
               )), 0)::bigint AS left_out,
               count(a.checkpoint_commit) AS branches,
               count(a.checkpoint_commit) FILTER (
                   WHERE m.status IS NULL OR m.status NOT IN ('merged', 'nothing')
               ) AS unmerged
        FROM agents a LEFT JOIN merges m ON m.agent_id = a.id WHERE a.workflow_id = :id
    ) worked
""")
_BRANCHES: Final = text("SELECT branch FROM agents WHERE workflow_id = :id ORDER BY branch")
_HOSTS: Final = text("""
    INSERT INTO deletions_on_hosts (workflow_id, host, agent_ids)
    SELECT workflow_id, host, array_agg(id) FROM agents WHERE workflow_id = :id
    GROUP BY workflow_id, host
""")


def preview_deletion(db: Database, workflow_id: UUID) -> DeletionView:
    """Return what the deletion of a workflow takes away, or how far it is.

    Raises:
        NotFound: there is no such workflow, and none was deleted.
    """
    with db.snapshot() as session:
        asked = session.get(Deletion, workflow_id)
        if asked is not None:
            return _asked(asked)
        workflow = workflows.get(session, workflow_id)
        counts, refusal = _looked_at(session, workflow)
        dollars = sums.of_workflow(session, workflow_id).dollars
        return DeletionView(
            workflow_id=workflow_id,
            title=workflow.title,
            repository=workflow.repository,
            counts=counts,
            dollars=dollars,
            stays=[*_STAYS, _UNMERGED_STAY, _BASE_STAYS],
            refusal=refusal,
            drops_unmerged=False,
            asked_by=None,
            asked_at=None,
            ended_at=None,
            branches_kept=[],
            fault=None,
        )


def delete_workflow(
    db: Database, workflow_id: UUID, *, by: str, drop_unmerged: bool = False
) -> DeletionView:
    """Have a workflow deleted in which nothing is at work; no reader finds it from now on.

    Asking again returns the first order. A quiet workflow is closed, and a delivery that waits is
    withdrawn.

    Args:
        drop_unmerged: delete its branches even where nothing else holds their commits.

    Raises:
        NotFound: there is no such workflow, and none was deleted.
        Conflict: it has open tasks, or an agent whose end is not done with.
    """
    with db.transaction() as session:
        asked = session.get(Deletion, workflow_id)
        if asked is not None:
            return _asked(asked)
        workflow = workflows.lock(session, workflow_id)
        counts, refusal = _looked_at(session, workflow)
        if refusal is not None:
            raise Conflict(refusal)
        deletion = _order(session, workflow, counts, by=by, drop_unmerged=drop_unmerged)
        _close(session, workflow, f"deleted by {by}")
        workflow.deletion_asked_at = database_now(session)
        session.execute(_HOSTS, {"id": workflow_id})
        emit(
            session,
            EventType.WORKFLOW_DELETED,
            workflow_id=workflow_id,
            title=workflow.title,
            by=by,
        )
        ring(session, Bell(CeleryTaskName.DELETE_ON_HOSTS, CONTROL_QUEUE))
        return _asked(deletion)


def _order(
    session: Session, workflow: "Workflow", counts: DeletionCounts, *, by: str, drop_unmerged: bool
) -> Deletion:
    id_ = workflow.id
    deletion = Deletion(
        workflow_id=id_,
        title=workflow.title,
        repository=workflow.repository,
        integration_branch=workflow.integration_branch,
        branches=list(session.scalars(_BRANCHES, {"id": id_})),
        drops_unmerged=drop_unmerged,
        counts=vars(counts),
        dollars=sums.of_workflow(session, id_).dollars,
        asked_by=by,
        # Without an attempt there is no branch, and no host has the repository.
        branches_gone_at=None if counts.attempts else database_now(session),
    )
    session.add(deletion)
    session.flush()
    return deletion


def _close(session: Session, workflow: "Workflow", reason: str) -> None:
    """Take a workflow from whatever a host or a person might still do with it."""
    if workflow.status == WorkflowStatus.ACTIVE:
        closing.stop_all(session, workflow, WorkflowStatus.STOPPED, reason)
    workflow.base_moved_to = None
    open_ones = set(DeliveryStatus) - {DeliveryStatus.NONE, DeliveryStatus.DELIVERED}
    if workflow.delivery_status in open_ones:
        deliveries.move(session, workflow, DeliveryStatus.NONE, reason=reason)


def _looked_at(session: Session, workflow: "Workflow") -> tuple[DeletionCounts, str | None]:
    """Return what goes with a workflow, and why it cannot go now."""
    row: Any = session.execute(_COUNTS, {"id": workflow.id}).one()
    delivered = workflow.delivery_status == DeliveryStatus.DELIVERED
    counts = DeletionCounts(
        tasks=row.tasks,
        attempts=row.attempts,
        events=row.events,
        results=row.results,
        messages=row.messages,
        files=row.handed_in + row.left_out,
        branches=row.branches + row.merged,
        unmerged_branches=row.unmerged + (row.merged and not delivered),
    )
    return counts, _refusal(session, workflow, row.unreleased)


def _refusal(session: Session, workflow: "Workflow", unreleased: int) -> str | None:
    if tasks.has_live(session, workflow.id):
        return (
            f"Workflow {workflow.id} has open tasks. Stop it first; then it can be deleted once "
            "its agents have ended."
        )
    if unreleased:
        return (
            f"The work of {unreleased} agents of workflow {workflow.id} is not put away yet. Wait "
            "until they have ended, or see what keeps it in the list of what waits for you."
        )
    return None


def _asked(deletion: Deletion) -> DeletionView:
    gone = deletion.rows_gone_at, deletion.branches_gone_at
    return DeletionView(
        workflow_id=deletion.workflow_id,
        title=deletion.title,
        repository=deletion.repository,
        counts=DeletionCounts(**deletion.counts),
        dollars=deletion.dollars,
        stays=[*_STAYS, *([] if deletion.drops_unmerged else [_UNMERGED_STAY]), _BASE_STAYS],
        refusal=None,
        drops_unmerged=deletion.drops_unmerged,
        asked_by=deletion.asked_by,
        asked_at=deletion.asked_at,
        ended_at=max(gone) if None not in gone else None,  # type: ignore[type-var]
        branches_kept=deletion.branches_kept,
        fault=deletion.branches_fault,
    )
