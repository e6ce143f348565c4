"""Budgets as readers see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from hephaestus_core.budgets.rules import used_of
from hephaestus_core.contract.budgets import Amount
from hephaestus_core.contract.statuses import BudgetAction, BudgetScope, BudgetStatus

if TYPE_CHECKING:
    from hephaestus_core.budgets.models import Budget
    from hephaestus_core.costs.views import Spent


@dataclass(frozen=True, kw_only=True)
class BudgetView:
    """The most that some agents may use together, with what they have used; times are UTC."""

    id: UUID
    scope: BudgetScope
    workflow_id: UUID | None
    """The workflow, or that of the task; null for the day."""
    task_id: UUID | None
    dollars: float | None
    """The most dollars; null: as many as they like."""
    tokens: int | None
    """The most tokens of all kinds; null: as many as they like."""
    action: BudgetAction
    status: BudgetStatus
    """As of the last answer of a model that was recorded."""
    status_since: datetime
    used_dollars: float
    """As far as prices are known."""
    used_tokens: int
    unpriced_tokens: int
    """Of these, tokens of models whose price is not known; they are not in `used_dollars`."""
    told: str
    """What is used of it, in words."""
    set_by: str
    created_at: datetime


def amount_of(budget: "Budget") -> Amount:
    """Return the most that the budget allows."""
    dollars = None if budget.dollars is None else float(budget.dollars)
    return Amount(dollars, budget.tokens)


def view(budget: "Budget", used: "Spent") -> BudgetView:
    """Return the budget as readers see it."""
    most = amount_of(budget)
    return BudgetView(
        id=budget.id,
        scope=budget.scope,
        workflow_id=budget.workflow_id,
        task_id=budget.subject_id if budget.scope == BudgetScope.TASK else None,
        dollars=most.dollars,
        tokens=most.tokens,
        action=budget.action,
        status=budget.status,
        status_since=budget.status_since,
        used_dollars=used.dollars,
        used_tokens=used.tokens,
        unpriced_tokens=used.unpriced_tokens,
        told=used_of(used, most),
        set_by=budget.set_by,
        created_at=budget.created_at,
    )
