"""Requests about budgets."""

from marshmallow import fields

from hephaestus_core.contract.statuses import BudgetAction, BudgetScope
from hephaestus_web.schemas.base import Input, number


class BudgetFilter(Input):
    """Which budgets to list."""

    workflow_id = fields.UUID(metadata={"description": "Only of this workflow and its tasks."})


class AmountInput(Input):
    """The most that may be used; one of the two is needed."""

    dollars = fields.Float(allow_none=True)
    tokens = number(allow_none=True)


class LaunchBudgetInput(AmountInput):
    """The budget of a new workflow."""

    action = fields.Enum(BudgetAction, by_value=True, load_default=BudgetAction.PARK)


class BudgetInput(LaunchBudgetInput):
    """A budget, in place of an earlier one."""

    scope = fields.Enum(BudgetScope, by_value=True, required=True)
    subject_id = fields.UUID(
        allow_none=True,
        metadata={"description": "The task or the workflow; none for the day."},
    )
