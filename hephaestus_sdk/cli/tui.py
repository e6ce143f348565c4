"""``hephaestus tui``: the terminal interface."""

from pathlib import Path

import click

from hephaestus_core.settings.config import load_settings
from hephaestus_sdk.api.connecting import given_address
from hephaestus_sdk.cli.connection import connect, stack_options
from hephaestus_sdk.cli.report import Command


@click.command(cls=Command)
@stack_options
def tui(url: str | None, token: str | None, home: Path | None) -> None:
    """Show what waits for you, workflows, tasks, agents and the queue; ? lists the keys."""
    from hephaestus_sdk.tui import required_app  # needs the extra 'tui'

    run = required_app()
    local = given_address(url, token) is None
    settings = load_settings(overrides={} if home is None else {"home": home})
    with connect(url, token, home) as client:
        run(client, settings.home if local else None)
