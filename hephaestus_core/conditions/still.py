"""The active workflows at which nobody works though something is left, with their conditions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.conditions.store import conditions_of
from hephaestus_core.contract.statuses import DeliveryStatus, WorkflowStatus
from hephaestus_core.db.base import WordOf
from hephaestus_core.workflows.limits import limits_of

if TYPE_CHECKING:
    from datetime import datetime

    from hephaestus_core.conditions.views import ConditionView
    from hephaestus_core.contract.limits import Limits

#: Those at which nobody works, and that have something left: the only ones that can stand still.
#: Whoever reads the list of what waits reads this, so it has just the columns that are needed.
_CANDIDATES: Final = text("""
    WITH idle AS MATERIALIZED (
        SELECT w.id, left(w.title, 200) AS title, w.status, w.created_at, w.completed_at,
               w.closed_reason, w.repository, w.base_branch, w.integration_branch,
               w.delivery_status, w.delivery_reason, w.result_id, w.limits,
               (w.config->>'has_result')::boolean AS has_result
        FROM workflows w
        WHERE w.status = 'active' AND (CAST(:only AS uuid[]) IS NULL OR w.id = ANY(:only))
          AND NOT EXISTS (SELECT FROM agents a WHERE a.workflow_id = w.id AND a.ended_at IS NULL)
          AND NOT EXISTS (SELECT FROM merges m
                          WHERE m.workflow_id = w.id AND m.status IN ('pending', 'conflict'))
          AND (EXISTS (SELECT FROM tasks t
                       WHERE t.workflow_id = w.id AND t.status IN ('queued', 'pending'))
               OR (w.result_id IS NULL AND (
                   (w.config->>'has_result')::boolean
                   OR EXISTS (SELECT FROM tasks t
                              WHERE t.workflow_id = w.id AND t.status = 'failed'))))
        ORDER BY w.created_at LIMIT :most
    )
    SELECT idle.*, counted.counts, counted.ended_at, counted.failed_at, queued.queued_at
    FROM idle
    LEFT JOIN LATERAL (
        SELECT min(t.queued_at) AS queued_at FROM tasks t
        WHERE t.workflow_id = idle.id AND t.status = 'queued'
    ) queued ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(task.status, task.number) AS counts, max(task.ended_at) AS ended_at,
               max(task.ended_at) FILTER (WHERE task.status = 'failed') AS failed_at
        FROM (
            SELECT t.status, count(*) AS number, max(t.completed_at) AS ended_at FROM tasks t
            WHERE t.workflow_id = idle.id GROUP BY t.status
        ) task
    ) counted ON true
    ORDER BY idle.created_at
""").columns(status=WordOf(WorkflowStatus), delivery_status=WordOf(DeliveryStatus))


@dataclass(frozen=True)
class Still:
    """A workflow at which nobody works, though something is left."""

    id: UUID
    title: str
    """Its beginning, where it is long."""
    condition: "ConditionView"
    since: "datetime"
    """When its oldest queued task was queued; else when its last task ended."""
    failed_at: "datetime | None"
    """When a task last failed for good."""
    limits: "Limits"


def without_headway(
    session: Session, *, most: int, only: list[UUID] | None = None
) -> Iterator[Still]:
    """Yield the workflows that may stand still, the oldest first; their condition says whether.

    Args:
        session: the open one.
        most: at most as many.
        only: none but these; None: all.
    """
    rows = session.execute(_CANDIDATES, {"most": most, "only": only}).all()
    counted = {row.id: row.counts or {} for row in rows}
    conditions = conditions_of(session, rows, counted, agents={}) if rows else {}
    for row in rows:
        since = row.queued_at or row.ended_at or row.created_at
        yield Still(row.id, row.title, conditions[row.id][0], since, row.failed_at, limits_of(row))
