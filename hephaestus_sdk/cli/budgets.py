"""The command ``budgets``: the most that agents may use."""

from collections.abc import Callable
from typing import Any

import click

from hephaestus_core.contract.statuses import BudgetAction
from hephaestus_sdk.api.budget_views import Budget
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.report import Command, CommandGroup, show_json
from hephaestus_sdk.cli.tables import NONE, show_table
from hephaestus_sdk.errors import InvalidInput


def _amounts(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for an amount."""
    function = click.option("--tokens", type=click.IntRange(min=1), help="Most tokens.")(function)
    return click.option("--dollars", type=float, help="Most dollars.")(function)


@click.group(cls=CommandGroup)
@click.option("--workflow", "workflow_id", help="Only of this workflow and its tasks.")
@json_option
@stack_options
@click.pass_context
def budgets(ctx: click.Context, /, *, workflow_id: str | None, as_json: bool, **stack: Any) -> None:
    """List budgets with what is used of them, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    with connect(**stack) as client:
        _show(client.budgets(workflow_id=workflow_id), as_json=as_json)


@budgets.command("set", cls=Command)
@click.option("--workflow", "workflow_id", help="All agents of this workflow.")
@click.option("--task", "task_id", help="All attempts at this task.")
@click.option("--day", is_flag=True, help="All agents, each day anew, by UTC.")
@_amounts
@click.option(
    "--action",
    type=click.Choice([str(action) for action in BudgetAction]),
    default=str(BudgetAction.PARK),
    show_default=True,
    help="Once it is spent: only say so, park each agent after its turn, or end all at once.",
)
@json_option
@stack_options
def set_(
    *,
    workflow_id: str | None,
    task_id: str | None,
    day: bool,
    dollars: float | None,
    tokens: int | None,
    action: str,
    as_json: bool,
    **stack: Any,
) -> None:
    """Set the budget of a workflow, a task or the day, in place of an earlier one."""
    if [workflow_id is not None, task_id is not None, day].count(True) != 1:
        raise InvalidInput("name one of --workflow, --task and --day", field="scope")
    with connect(**stack) as client:
        budget = client.set_budget(
            workflow_id=workflow_id, task_id=task_id, dollars=dollars, tokens=tokens, action=action
        )
    _show([budget], as_json=as_json)


@budgets.command("raise", cls=Command)
@click.argument("budget_id", metavar="BUDGET")
@_amounts
@json_option
@stack_options
def raise_(
    budget_id: str, *, dollars: float | None, tokens: int | None, as_json: bool, **stack: Any
) -> None:
    """Raise BUDGET to a new amount; what it held goes on at once."""
    with connect(**stack) as client:
        budget = client.raise_budget(budget_id, dollars=dollars, tokens=tokens)
    _show([budget], as_json=as_json)


@budgets.command(cls=Command)
@click.argument("budget_id", metavar="BUDGET")
@json_option
@stack_options
def remove(budget_id: str, *, as_json: bool, **stack: Any) -> None:
    """Remove BUDGET; what it held goes on at once."""
    with connect(**stack) as client:
        budget = client.remove_budget(budget_id)
    show_json(budget) if as_json else click.echo(f"removed: {budget.told} were used")


def _show(found: list[Budget], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    show_table(
        ("id", "of", "used", "status", "action", "set by"),
        [(b.id, _subject(b), b.told, b.status, b.action, b.set_by) for b in found],
        spare=("set by", "action"),
        none=NONE,
    )


def _subject(budget: Budget) -> str:
    if budget.scope == "day":
        return "each day"
    return f"{budget.scope} {(budget.task_id or budget.workflow_id or '')[:8]}"
