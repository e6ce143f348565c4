"""Workflows in brief, for pages that list many: only the columns that a line of a list needs."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.conditions.store import conditions_of
from hephaestus_core.conditions.views import ConditionView
from hephaestus_core.contract.statuses import DeliveryStatus, WorkflowStatus
from hephaestus_core.db.base import WordOf
from hephaestus_core.tasks import store as tasks

_ROWS: Final = text("""
    SELECT w.id, left(w.title, 200) AS title, d.name, w.status, w.created_at, w.completed_at,
           w.closed_reason, w.repository, w.base_branch, w.integration_branch, w.delivery_status,
           w.delivery_reason, w.result_id, (w.config->>'has_result')::boolean AS has_result
    FROM workflows w JOIN workflow_definitions d ON d.id = w.definition_id
    WHERE w.id = ANY(:ids)
""").columns(status=WordOf(WorkflowStatus), delivery_status=WordOf(DeliveryStatus))

#: Those with live agents first, of these the newest.
_BUSY: Final = text("""
    SELECT w.id FROM workflows w
    LEFT JOIN (
        SELECT workflow_id, count(*) AS live FROM agents WHERE ended_at IS NULL
        GROUP BY workflow_id
    ) worked ON worked.workflow_id = w.id
    WHERE w.status = 'active' AND (worked.live IS NOT NULL OR EXISTS (
        SELECT FROM tasks t WHERE t.workflow_id = w.id
        AND t.status IN ('queued', 'assigned', 'in_progress', 'under_review', 'needs_work')))
    ORDER BY worked.live IS NULL, w.created_at DESC, w.id LIMIT :most
""")


@dataclass(frozen=True, kw_only=True)
class Brief:
    """One workflow in a line of a list; times are UTC."""

    id: UUID
    title: str
    """Its beginning, where it is long."""
    name: str
    """Of the definition."""
    condition: ConditionView
    created_at: datetime
    completed_at: datetime | None
    ended_at: datetime | None
    """When the last task ended; None while one is live."""
    task_counts: dict[str, int]
    active_agents: int


def briefs(session: Session, ids: list[UUID]) -> dict[UUID, Brief]:
    """Return workflows in brief, in a constant number of statements."""
    rows = session.execute(_ROWS, {"ids": ids}).all() if ids else []
    if not rows:
        return {}
    counted: dict[UUID, Counter[str]] = {row.id: Counter() for row in rows}
    for workflow_id, _, status, number in tasks.counts(session, ids):
        counted[workflow_id][status] += number
    live = agents.live_counts(session, ids)
    stand = conditions_of(session, rows, counted, live)
    return {
        row.id: Brief(
            id=row.id,
            title=row.title,
            name=row.name,
            condition=stand[row.id][0],
            created_at=row.created_at,
            completed_at=row.completed_at,
            ended_at=stand[row.id][1].ended_at,
            task_counts=dict(counted[row.id]),
            active_agents=live.get(row.id, 0),
        )
        for row in rows
    }


def busy(session: Session, *, most: int) -> list[UUID]:
    """Return active workflows with live work, those with live agents first."""
    return list(session.scalars(_BUSY, {"most": most}))
