"""The command ``files``: what the tasks of a workflow have changed, by file or by author."""

from typing import Any

import click

from hephaestus_sdk.api.change_views import WorkflowFiles
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.cli.tables import show_table


@click.command(cls=Command)
@click.argument("workflow_id", metavar="WORKFLOW")
@click.option("--task", "task_id", help="Only what this task changed.")
@click.option("--agent", "agent_id", help="Only what this attempt changed.")
@click.option("--path", help="Only this file, or what lies below this folder; says who changed it.")
@json_option
@stack_options
def files(
    workflow_id: str,
    *,
    task_id: str | None,
    agent_id: str | None,
    path: str | None,
    as_json: bool,
    **stack: Any,
) -> None:
    """List the files that WORKFLOW's merged work changed; those of most tasks come first."""
    with connect(**stack) as client:
        found = client.workflow_files(workflow_id, task_id=task_id, agent_id=agent_id, path=path)
    if as_json:
        show_json(found)
        return
    _show_authors(found) if path is not None else _show_files(found)
    if found.unread:
        click.echo(plain(found.unread), err=True)
    elif not found.merges:
        click.echo("no work of theirs was merged yet", err=True)
    elif found.truncated:
        click.echo(
            f"these are of the newest {found.merges} merges, and at most 500 files", err=True
        )


def _show_files(found: WorkflowFiles) -> None:
    show_table(
        ("file", "tasks", "last", "when", "by"),
        [
            (each.path, each.tasks, author.how, author.at, author.title)
            for each in found.files
            for author in each.authors[:1]
        ],
        spare=("last", "when"),
    )


def _show_authors(found: WorkflowFiles) -> None:
    show_table(
        ("file", "task", "title", "did", "when", "commit"),
        [
            (
                each.path,
                author.task_id[:8],
                author.title,
                author.how,
                author.at,
                author.commit[:12],
            )
            for each in found.files
            for author in each.authors
        ],
        spare=("commit", "when"),
    )
