"""Workflows that stand still short of their goal, by their condition."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.conditions.store import conditions_of
from hephaestus_core.contract.attention import Act, AttentionKind, Severity
from hephaestus_core.contract.conditions import Cause, Condition
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from datetime import datetime

    from hephaestus_core.conditions.views import ConditionView, Facts
    from hephaestus_core.workflows.models import Workflow

#: Those at which nobody works, and that have something left: the only ones that can stand still.
_CANDIDATES: Final = text("""
    SELECT w.id, q.queued_at FROM workflows w
    LEFT JOIN LATERAL (
        SELECT min(t.queued_at) AS queued_at FROM tasks t
        WHERE t.workflow_id = w.id AND t.status = 'queued'
    ) q ON true
    WHERE w.status = 'active'
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


def find(session: Session) -> Iterator[Found]:
    """Yield the workflows that stand still, and those whose rounds are used up."""
    queued = {row.id: row.queued_at for row in session.execute(_CANDIDATES, {"most": MOST})}
    rows = workflows.of_ids(session, list(queued))
    counted: dict[UUID, Counter[str]] = {row.id: Counter() for row in rows}
    for workflow_id, _, status, number in tasks.counts(session, list(queued)):
        counted[workflow_id][status] += number
    live = agents.live_counts(session, list(queued))
    conditions = conditions_of(session, rows, counted, live)
    for row in rows:
        condition, facts = conditions[row.id]
        if _is_told(condition):
            yield _found(row, condition, facts, queued[row.id])


def _is_told(condition: "ConditionView") -> bool:
    """Say whether it is news: most of what waits for a person has a source of its own."""
    return condition.name == Condition.STANDS_STILL or condition.cause == Cause.ROUNDS_USED_UP


def _found(
    row: "Workflow", condition: "ConditionView", facts: "Facts", queued_at: "datetime | None"
) -> Found:
    used_up = condition.cause == Cause.ROUNDS_USED_UP
    since = queued_at or facts.ended_at or row.created_at
    return Found(
        kind=AttentionKind.ROUNDS_USED_UP if used_up else AttentionKind.WORKFLOW_STILL,
        condition=condition.name,
        severity=Severity.BLOCKER,
        subject=str(row.id),
        occurrence=f"{condition.cause} {since.isoformat()}",
        since=since,
        until=condition.until,
        title=f"“{row.title}” "
        + ("needs a decision" if used_up else "stands still short of its goal"),
        evidence=condition.reason,
        workflow_id=row.id,
        acts={Act.STOP: row.id},
        dismissable=True,
    )
