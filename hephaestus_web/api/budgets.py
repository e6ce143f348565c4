"""Budgets of tasks, workflows and the day."""

from typing import Any
from uuid import UUID

from hephaestus_core.budgets import service
from hephaestus_core.budgets.views import BudgetView
from hephaestus_core.contract.budgets import Amount
from hephaestus_web.access.auth import caller
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.budgets import AmountInput, BudgetFilter, BudgetInput
from hephaestus_web.schemas.views import items_of, schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint(
    "budgets", __name__, url_prefix="/budgets", description="The most that agents may use"
)


@blueprint.get("")
@blueprint.arguments(BudgetFilter, location="query")
@blueprint.response(200, items_of(BudgetView))
def list_budgets(query: dict[str, Any]) -> dict[str, list[BudgetView]]:
    """List budgets with what is used of them, newest first; at most 200."""
    return {"items": service.list_budgets(database(), **query)}


@blueprint.post("")
@blueprint.arguments(BudgetInput)
@blueprint.response(200, schema_of(BudgetView))
def set_budget(body: dict[str, Any]) -> BudgetView:
    """Set the budget of a task, a workflow or the day, in place of an earlier one."""
    most = Amount(body.get("dollars"), body.get("tokens"))
    return service.set_budget(
        database(),
        body["scope"],
        body.get("subject_id"),
        most,
        action=body["action"],
        by=caller().name,
    )


@blueprint.post("/<uuid:budget_id>/raise")
@blueprint.arguments(AmountInput)
@blueprint.response(200, schema_of(BudgetView))
def raise_budget(body: dict[str, Any], budget_id: UUID) -> BudgetView:
    """Raise a budget to a new amount; what it held goes on at once."""
    return service.raise_budget(database(), budget_id, Amount(**body), by=caller().name)


@blueprint.delete("/<uuid:budget_id>")
@blueprint.response(200, schema_of(BudgetView))
def remove_budget(budget_id: UUID) -> BudgetView:
    """Remove a budget; what it held goes on at once. Answers with what it was."""
    return service.remove_budget(database(), budget_id, by=caller().name)
