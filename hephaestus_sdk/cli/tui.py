"""``hephaestus tui``: the terminal interface."""

from typing import Any

import click

from hephaestus_sdk.cli.connection import connect, stack_options
from hephaestus_sdk.cli.report import Command


@click.command(cls=Command)
@stack_options
def tui(**stack: Any) -> None:
    """Show workflows, tasks, agents and events as they happen; leave with q."""
    from hephaestus_sdk.tui import required_app  # needs the extra 'tui'

    run = required_app()
    with connect(**stack) as client:
        run(client)
