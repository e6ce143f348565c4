"""Commands about the Guardian's acts on agents."""

from typing import Any

import click

from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.report import Command, CommandGroup, show_json
from hephaestus_sdk.cli.tables import NONE, show_table


@click.group(cls=CommandGroup)
@click.option("--workflow", "workflow_id", help="Only in this workflow.")
@click.option("--task", "task_id", help="Only at this task.")
@click.option("--agent", "agent_id", help="Only on this agent.")
@json_option
@stack_options
@click.pass_context
def interventions(
    context: click.Context,
    /,
    workflow_id: str | None,
    task_id: str | None,
    agent_id: str | None,
    as_json: bool,
    **stack: Any,
) -> None:
    """List the newest 100 acts of the Guardian on agents, newest first."""
    if context.invoked_subcommand is not None:
        return
    with connect(**stack) as client:
        found = client.interventions(workflow_id=workflow_id, task_id=task_id, agent_id=agent_id)
    if as_json:
        show_json(found)
        return
    show_table(
        ("id", "when", "agent", "cause", "action", "effect", "evidence"),
        [
            (i.id, i.sent_at, i.agent_id, i.cause, i.action, i.outcome, "; ".join(i.evidence))
            for i in found
        ],
        spare=("evidence",),
        none=NONE,
    )


@interventions.command(cls=Command)
@click.argument("intervention_id")
@json_option
@stack_options
def undo(intervention_id: str, as_json: bool, **stack: Any) -> None:
    """Take an act of the Guardian back; it does no more for this cause in this attempt."""
    with connect(**stack) as client:
        undone = client.undo_intervention(intervention_id)
    done = undone.action.replace("_", " ")
    show_json(undone) if as_json else click.echo(f"taken back: {done} of agent {undone.agent_id}")
