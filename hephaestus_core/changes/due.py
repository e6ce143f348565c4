"""Due merges, deliveries and tidying, with all that a host needs: crosses into other tables."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.changes.rules import DeliveryJob, MergeJob, SpentWork

#: Pause between two tries of a conflict that waits for a person, who may have merged by hand.
_CONFLICT_RECHECK: Final = "30 seconds"

#: Pause after a failed merge or delivery: it mostly waits for a person, and each try costs a few
#: git processes on every host.
_HELD_RECHECK: Final = "20 seconds"

#: In a closed workflow no agent starts, so none can resolve a conflict. There the newest file wins,
#: as by default: both sides stay reachable, and all finished work is merged.
_DUE_MERGES: Final = text(f"""
    SELECT m.id AS merge_id, m.task_id, m.agent_id, m.workflow_id, m.tip, m.branch,
           t.title, w.repository, w.integration_branch,
           w.base_branch, w.base_commit, w.base_moved_to, a.ended_at,
           CASE WHEN w.conflict_resolution = 'agent' AND w.status <> 'active'
                THEN 'newest_file_wins' ELSE w.conflict_resolution END AS conflict_resolution
    FROM merges m JOIN tasks t ON t.id = m.task_id JOIN workflows w ON w.id = m.workflow_id
         JOIN agents a ON a.id = m.agent_id
    WHERE m.status IN ('pending', 'conflict')
      AND (m.status = 'pending' OR m.merged_at < now() - interval '{_CONFLICT_RECHECK}')
      AND (m.held_at IS NULL OR m.held_at < now() - interval '{_HELD_RECHECK}')
    ORDER BY m.created_at, m.id
    LIMIT :limit
""")  # noqa: S608 - the inserted values are the constants above

_DUE_DELIVERIES: Final = text(f"""
    SELECT w.id AS workflow_id, w.delivery_round AS round, w.title,
           w.repository, w.integration_branch, w.base_branch, w.base_commit, w.base_moved_to,
           w.conflict_resolution, w.approved_commit
    FROM workflows w
    WHERE w.delivery_status IN ('pending', 'held')
      AND (w.delivery_status = 'pending' OR w.delivery_held_at IS NULL
           OR w.delivery_held_at < now() - interval '{_HELD_RECHECK}')
    ORDER BY w.id
    LIMIT :limit
""")  # noqa: S608 - the one inserted value is the constant above

_SPENT_BRANCHES: Final = text("""
    SELECT branch FROM agents WHERE workflow_id = :id
    UNION SELECT integration_branch FROM workflows WHERE id = :id AND status <> 'active'
    ORDER BY branch
""")

_DUE_SPENT: Final = text("""
    SELECT id AS workflow_id, repository, base_branch, spent_due_at AS due_at FROM workflows
    WHERE delivery_status = 'delivered' AND spent_due_at <= now()
    ORDER BY spent_due_at
    LIMIT :limit
""")

#: For an hour a branch that could not be deleted is tried each minute, for a day each hour: until
#: a lock is gone, or its folder has another branch open. Whatever stays then is left to people.
_SETTLE_SPENT: Final = text("""
    UPDATE workflows SET spent_due_at = CASE
        WHEN CAST(:all_gone AS boolean) OR delivery_since < now() - interval '1 day' THEN NULL
        WHEN delivery_since < now() - interval '1 hour' THEN now() + interval '1 hour'
        ELSE now() + interval '1 minute' END
    WHERE id = :id AND spent_due_at = :due_at
""")


def merges(session: Session, *, limit: int) -> list[MergeJob]:
    """Return the due merges, oldest first."""
    rows = session.execute(_DUE_MERGES, {"limit": limit}).mappings()
    return [MergeJob(**row) for row in rows]


def deliveries(session: Session, *, limit: int) -> list[DeliveryJob]:
    """Return the due deliveries."""
    rows = session.execute(_DUE_DELIVERIES, {"limit": limit}).mappings()
    return [DeliveryJob(**row) for row in rows]


def spent_branches(session: Session, workflow_id: UUID) -> list[str]:
    """Return the branches that a delivered workflow needs no more."""
    return list(session.scalars(_SPENT_BRANCHES, {"id": workflow_id}))


def spent_works(session: Session, *, limit: int) -> list[SpentWork]:
    """Return the delivered workflows whose spent branches are due, the longest due first."""
    rows = session.execute(_DUE_SPENT, {"limit": limit}).mappings()
    return [SpentWork(**row) for row in rows]


def settle_spent(session: Session, work: SpentWork, *, all_gone: bool) -> None:
    """Record a look at spent branches, unless another look became due meanwhile."""
    found = {"id": work.workflow_id, "due_at": work.due_at, "all_gone": all_gone}
    session.execute(_SETTLE_SPENT, found)
