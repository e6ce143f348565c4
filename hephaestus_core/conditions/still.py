"""The active workflows at which nobody works though something is left, with their conditions."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.conditions.store import conditions_of
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from datetime import datetime

    from hephaestus_core.conditions.views import ConditionView
    from hephaestus_core.workflows.models import Workflow

#: Those at which nobody works, and that have something left: the only ones that can stand still.
_CANDIDATES: Final = text("""
    SELECT w.id, q.queued_at, ended.ended_at, ended.failed_at FROM workflows w
    LEFT JOIN LATERAL (
        SELECT min(t.queued_at) AS queued_at FROM tasks t
        WHERE t.workflow_id = w.id AND t.status = 'queued'
    ) q ON true
    LEFT JOIN LATERAL (
        SELECT max(t.completed_at) AS ended_at,
               max(t.completed_at) FILTER (WHERE t.status = 'failed') AS failed_at
        FROM tasks t WHERE t.workflow_id = w.id
    ) ended ON true
    WHERE w.status = 'active' AND (CAST(:only AS uuid[]) IS NULL OR w.id = ANY(:only))
      AND NOT EXISTS (SELECT FROM agents a WHERE a.workflow_id = w.id AND a.ended_at IS NULL)
      AND NOT EXISTS (
          SELECT FROM merges m WHERE m.workflow_id = w.id AND m.status IN ('pending', 'conflict'))
      AND (q.queued_at IS NOT NULL
           OR EXISTS (SELECT FROM tasks t WHERE t.workflow_id = w.id AND t.status = 'pending')
           OR (w.result_id IS NULL AND (
               (w.config->>'has_result')::boolean
               OR EXISTS (SELECT FROM tasks t WHERE t.workflow_id = w.id AND t.status = 'failed'))))
    ORDER BY w.created_at LIMIT :most
""")


@dataclass(frozen=True)
class Still:
    """A workflow at which nobody works, though something is left."""

    workflow: "Workflow"
    condition: "ConditionView"
    since: "datetime"
    """When its oldest queued task was queued; else when its last task ended."""
    failed_at: "datetime | None"
    """When a task last failed for good."""


def without_headway(
    session: Session, *, most: int, only: list[UUID] | None = None
) -> Iterator[Still]:
    """Yield the workflows that may stand still, the oldest first; their condition says whether.

    Args:
        session: the open one.
        most: at most as many.
        only: none but these; None: all.
    """
    found = {row.id: row for row in session.execute(_CANDIDATES, {"most": most, "only": only})}
    rows = workflows.of_ids(session, list(found))
    counted: dict[UUID, Counter[str]] = {row.id: Counter() for row in rows}
    for workflow_id, _, status, number in tasks.counts(session, list(found)):
        counted[workflow_id][status] += number
    live = agents.live_counts(session, list(found))
    conditions = conditions_of(session, rows, counted, live)
    for row in rows:
        times = found[row.id]
        since = times.queued_at or times.ended_at or row.created_at
        yield Still(row, conditions[row.id][0], since, times.failed_at)
