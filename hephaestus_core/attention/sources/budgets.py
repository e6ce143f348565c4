"""Budgets that are spent, or near their end."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.budgets.service import get_views
from hephaestus_core.contract.attention import Act, AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.statuses import BudgetStatus

#: Through the index of those that are not open. Nobody has to decide about what is over.
_TOLD: Final = text("""
    SELECT b.id, left(coalesce(t.title, w.title), 200) AS title, t.id AS task_id
    FROM budgets b LEFT JOIN workflows w ON w.id = b.workflow_id
    LEFT JOIN tasks t ON t.id = b.subject_id AND b.scope = 'task'
    WHERE b.status <> 'open'
      AND (b.scope = 'day' OR w.status = 'active')
      AND (b.scope <> 'day' OR b.day = (now() AT TIME ZONE 'UTC')::date)
      AND (t.id IS NULL OR t.completed_at IS NULL)
    ORDER BY b.status_since, b.id LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the budgets that a person may want to raise; those that hold work are blockers."""
    rows = session.execute(_TOLD, {"most": MOST}).all()
    budgets = get_views(session, [row.id for row in rows]) if rows else {}
    for row in rows:
        budget = budgets[row.id]
        whose = f"“{row.title}”" if row.title else "the day"
        spent = budget.status == BudgetStatus.SPENT
        holds = spent and budget.action != "warn"
        yield Found(
            kind=AttentionKind.BUDGET,
            condition=Condition.WAITS_FOR_YOU,
            severity=Severity.BLOCKER if holds else Severity.WARNING,
            subject=str(budget.id),
            occurrence=f"{budget.status}|{budget.status_since.isoformat()}",
            since=budget.status_since,
            title=f"The budget of {whose} is {'spent' if spent else 'spent to 80 %'}",
            evidence=budget.told + ("; no agent starts until it is raised" if holds else ""),
            workflow_id=budget.workflow_id,
            task_id=row.task_id,
            acts={Act.RAISE: budget.id},
            dismissable=not holds,
        )
