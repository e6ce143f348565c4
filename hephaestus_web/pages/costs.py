"""The page of what models have cost, and of budgets."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.budgets import service
from hephaestus_core.contract.budgets import Amount
from hephaestus_core.contract.statuses import BudgetAction, BudgetScope, checked_word
from hephaestus_core.summaries.spending import SpendingBy, spending
from hephaestus_web.access.auth import caller
from hephaestus_web.pages import fields
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.pages.charts import columns_of
from hephaestus_web.wiring import database

#: Periods that can be chosen, in days.
_PERIODS = ("7", "30", "90")


@blueprint.get("/costs")
def costs() -> str:
    """Show costs by day as a chart, the dearest workflows and models, and the budgets."""
    days = int(fields.one_of("days", _PERIODS, "30"))
    by_day = spending(database(), by=SpendingBy.DAY, days=days)
    spent = {row.key: row.dollars for row in by_day.rows}
    return render_template(
        "lists/costs.html",
        days=days,
        periods=[int(period) for period in _PERIODS],
        by_day=by_day,
        columns=columns_of(spent, first=by_day.since.date(), days=days),
        workflows=spending(database(), by=SpendingBy.WORKFLOW, days=days).rows[:20],
        models=spending(database(), by=SpendingBy.MODEL, days=days).rows[:20],
        budgets=service.list_budgets(database()),
        actions=list(BudgetAction),
    )


@blueprint.post("/budgets")
def set_day_budget() -> ResponseReturnValue:
    """Set the budget of the day."""
    action = checked_word(BudgetAction, fields.text("action"), "action")
    service.set_budget(
        database(), BudgetScope.DAY, None, _amount(), action=action, by=caller().name
    )
    return redirect(url_for("pages.costs"), 303)


@blueprint.post("/budgets/<uuid:budget_id>/raise")
def raise_budget(budget_id: UUID) -> ResponseReturnValue:
    """Raise a budget; what it held goes on at once."""
    service.raise_budget(database(), budget_id, _amount(), by=caller().name)
    return redirect(url_for("pages.costs"), 303)


@blueprint.post("/budgets/<uuid:budget_id>/remove")
def remove_budget(budget_id: UUID) -> ResponseReturnValue:
    """Remove a budget; what it held goes on at once."""
    service.remove_budget(database(), budget_id, by=caller().name)
    return redirect(url_for("pages.costs"), 303)


def _amount() -> Amount:
    return Amount(fields.number("dollars"), fields.whole("tokens"))
