"""The merges of tasks that leave review: a crossing into the table of another capability."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import MergeStatus
from hephaestus_core.events.log import emit

_DROP: Final = text("""
    WITH open AS (
        SELECT id, status FROM merges
        WHERE task_id = ANY(:task_ids) AND status IN ('pending', 'conflict')
        ORDER BY id FOR UPDATE
    )
    UPDATE merges m SET status = 'dropped' FROM open WHERE m.id = open.id
    RETURNING m.workflow_id, m.task_id, m.agent_id, open.status AS before
""")

_WAITING_TIP: Final = text("""
    SELECT tip FROM merges WHERE status = 'waiting' AND task_id IN (
        SELECT coalesce(duplicate_of, id) FROM tasks WHERE id = ANY(:task_ids)
    )
    ORDER BY created_at DESC LIMIT 1
""")
_ANY: Final = text(
    "SELECT EXISTS (SELECT FROM merges WHERE workflow_id = :workflow_id AND status = 'merged')"
)


def any_merged(session: Session, workflow_id: UUID) -> bool:
    """Say whether work of the workflow is merged."""
    return bool(session.scalar(_ANY, {"workflow_id": workflow_id}))


def waiting_tip(session: Session, task_ids: Collection[UUID]) -> str | None:
    """Return the newest work of these tasks that is merged only with what follows it."""
    tip: str | None = session.scalar(_WAITING_TIP, {"task_ids": list(task_ids)})
    return tip


def drop_merges(session: Session, task_ids: Collection[UUID]) -> None:
    """Drop the open merges of locked tasks, so that their work is not merged."""
    for merge in session.execute(_DROP, {"task_ids": list(task_ids)}):
        emit(
            session,
            EventType.MERGE_STATUS_CHANGED,
            workflow_id=merge.workflow_id,
            task_id=merge.task_id,
            agent_id=merge.agent_id,
            **{"from": merge.before, "to": MergeStatus.DROPPED},
        )
