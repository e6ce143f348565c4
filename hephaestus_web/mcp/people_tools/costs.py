"""Tools about what models cost, and about budgets."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from hephaestus_core.budgets import service
from hephaestus_core.budgets.views import BudgetView
from hephaestus_core.contract.budgets import MOST_DOLLARS, MOST_TOKENS, Amount
from hephaestus_core.contract.statuses import BudgetAction, BudgetScope
from hephaestus_core.summaries.spending import SpendingBy, SpendingView, spending
from hephaestus_web.mcp.identity import CallContext, person_door
from hephaestus_web.mcp.shapes import Limit

BudgetId = Annotated[UUID, Field(description="From get_budgets.")]
Dollars = Annotated[
    float, Field(ge=0, le=MOST_DOLLARS, description="The most dollars; 0: says nothing of them.")
]
Tokens = Annotated[
    int, Field(ge=0, le=MOST_TOKENS, description="The most tokens; 0: says nothing of them.")
]


@dataclass(frozen=True)
class Budgets:
    """Budgets, newest first."""

    budgets: list[BudgetView]


def get_costs(
    context: CallContext,
    by: Annotated[
        Literal["day", "workflow", "model"], Field(description="What a row is about.")
    ] = "day",
    days: Annotated[int, Field(ge=1, le=400, description="With today, in UTC.")] = 30,
    workflow_id: Annotated[
        UUID | None, Field(description="Only of this workflow; null: of all.")
    ] = None,
    limit: Limit = 50,
) -> SpendingView:
    """Read what agents and the system's own calls have used: the newest days, or the dearest."""
    sums = SpendingBy(by)
    found = spending(person_door(context).database, by=sums, days=days, workflow_id=workflow_id)
    rows = found.rows[-limit:] if sums is SpendingBy.DAY else found.rows[:limit]
    return replace(found, rows=rows)


def get_budgets(
    context: CallContext,
    workflow_id: Annotated[
        UUID | None, Field(description="Only of this workflow and its tasks; null: all.")
    ] = None,
    limit: Limit = 50,
) -> Budgets:
    """List budgets with what is used of them, newest first."""
    found = service.list_budgets(person_door(context).database, workflow_id=workflow_id)
    return Budgets(found[:limit])


def set_budget(  # noqa: PLR0917 - the SDK passes all of them by name
    context: CallContext,
    scope: BudgetScope,
    dollars: Dollars = 0,
    tokens: Tokens = 0,
    task_id: Annotated[UUID | None, Field(description="For the scope `task`.")] = None,
    workflow_id: Annotated[UUID | None, Field(description="For the scope `workflow`.")] = None,
    action: Annotated[
        BudgetAction, Field(description="What follows once it is spent.")
    ] = BudgetAction.PARK,
) -> BudgetView:
    """Set the budget of a task, a workflow or the day, in place of an earlier one."""
    own = person_door(context)
    subject = {BudgetScope.TASK: task_id, BudgetScope.WORKFLOW: workflow_id}.get(scope)
    most = _amount(dollars, tokens)
    return service.set_budget(own.database, scope, subject, most, action=action, by=own.person.name)


def raise_budget(
    context: CallContext, budget_id: BudgetId, dollars: Dollars = 0, tokens: Tokens = 0
) -> BudgetView:
    """Raise a budget to a new amount; what it held goes on at once."""
    own = person_door(context)
    most = _amount(dollars, tokens)
    return service.raise_budget(own.database, budget_id, most, by=own.person.name)


def remove_budget(context: CallContext, budget_id: BudgetId) -> BudgetView:
    """Remove a budget; what it held goes on at once. Answers with what it was."""
    own = person_door(context)
    return service.remove_budget(own.database, budget_id, by=own.person.name)


def _amount(dollars: float, tokens: int) -> Amount:
    return Amount(dollars or None, tokens or None)
