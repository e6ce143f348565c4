"""The command that deletes a workflow, after a look at what goes."""

from typing import TYPE_CHECKING, Any

import click

from hephaestus_core.contract.money import in_dollars
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.errors import Conflict

if TYPE_CHECKING:
    from hephaestus_sdk.api.deletion_views import Deletion


@click.command(cls=Command)
@click.argument("workflow_id", metavar="WORKFLOW")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--preview", is_flag=True, help="Only show what would go.")
@click.option(
    "--drop-unmerged",
    is_flag=True,
    help="Delete its branches even if nothing else holds their commits.",
)
@json_option
@stack_options
def delete(
    *,
    workflow_id: str,
    yes: bool,
    preview: bool,
    drop_unmerged: bool,
    as_json: bool,
    **stack: Any,
) -> None:
    """Delete WORKFLOW with its tasks, agents, events and files; shows first what goes, and asks.

    Nothing may be at work in it. Branches with commits that nothing else holds stay.
    """
    with connect(**stack) as client:
        shown = client.preview_deletion(workflow_id)
        if preview:
            show_json(shown) if as_json else _show(shown, drop_unmerged=drop_unmerged)
            return
        if shown.refusal:
            raise Conflict(shown.refusal)
        if not yes:
            _show(shown, drop_unmerged=drop_unmerged, err=as_json)
            click.confirm("Delete it?", abort=True, err=as_json)
        deleted = client.delete_workflow(shown.workflow_id, drop_unmerged=drop_unmerged)
    show_json(deleted) if as_json else click.echo(f"{plain(deleted.title)} is deleted")


def _show(shown: "Deletion", *, drop_unmerged: bool, err: bool = False) -> None:
    counts = shown.counts
    kept = 0 if drop_unmerged else counts.unmerged_branches
    rows = (
        f"{counts.tasks:,} tasks, {counts.attempts:,} attempts, {counts.events:,} events, "
        f"{counts.messages:,} messages, {counts.results:,} results, {counts.files:,} files"
    )
    lines = [
        f"{plain(shown.title)} ({shown.workflow_id})",
        f"goes:  {rows}",
        f"       {counts.branches - kept:,} of {counts.branches:,} branches",
        f"stays: {'; '.join(map(plain, shown.stays))}",
        f"cost:  {in_dollars(shown.dollars)}, which stays in the ledger",
    ]
    for line in lines:
        click.echo(line, err=err)
    if shown.refusal:
        click.echo(f"not now: {plain(shown.refusal)}", err=err)
