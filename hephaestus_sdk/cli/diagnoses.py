"""The command ``diagnoses``: who looked why a workflow stands still, and what came of it."""

from typing import Any

import click

from hephaestus_sdk.api.diagnosis_views import Diagnosis
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.cli.tables import show_table


@click.command(cls=Command)
@click.argument("workflow_id", metavar="WORKFLOW")
@json_option
@stack_options
def diagnoses(*, workflow_id: str, as_json: bool, **stack: Any) -> None:
    """Show the runs of the diagnostician on WORKFLOW, newest first, and what comes next."""
    with connect(**stack) as client:
        found = client.diagnoses(workflow_id)
    if as_json:
        show_json(found)
        return
    if found.items:
        show_table(
            ("run", "status", "started", "cause", "tasks", "report"),
            [_row(run) for run in found.items],
            spare=("started", "cause"),
        )
    click.echo(plain(found.outlook))


def _row(run: Diagnosis) -> tuple[Any, ...]:
    started = f"{run.started_at:%Y-%m-%d %H:%M}" if run.started_at else ""
    words = plain(" ".join((run.report or "").split())[:200])
    return (run.number, run.status, started, run.cause, run.tasks_created, words)
