"""The command ``coherence``: how the agents of a workflow get along."""

from typing import Any

import click

from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, show_json


@click.command(cls=Command)
@click.argument("workflow_id", metavar="WORKFLOW")
@json_option
@stack_options
def coherence(*, workflow_id: str, as_json: bool, **stack: Any) -> None:
    """Show which agents of WORKFLOW do the same work or change the same lines."""
    with connect(**stack) as client:
        found = client.coherence(workflow_id)
    if as_json:
        show_json(found)
        return
    if found.looked_at is None:
        click.echo("nobody has looked yet; the next sweep does if two agents are at work")
        return
    if found.agents < 2:  # noqa: PLR2004 - one gets along with itself
        click.echo(f"fewer than two agents were at work at the last look, policy {found.policy}")
        return
    click.echo(f"coherence {found.coherence:.2f} of {found.agents} agents, policy {found.policy}")
    for each in found.findings:
        who = " and ".join(each.agent_ids)
        click.echo(plain(f"{each.kind}: agents {who}. {each.detail} {each.recommendation}"))
