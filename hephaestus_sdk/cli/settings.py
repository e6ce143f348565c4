"""``hephaestus config``: the settings, and where they come from."""

from dataclasses import asdict
from pathlib import Path

import click

from hephaestus_sdk.cli.connection import json_option
from hephaestus_sdk.cli.options import home_and_config
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.cli.suggestions import SuggestingGroup
from hephaestus_sdk.cli.tables import show_table


@click.group(cls=SuggestingGroup)
def config() -> None:
    """Show the settings."""


@config.command(cls=Command)
@home_and_config
@json_option
def show(home: Path | None, config: Path | None, as_json: bool) -> None:
    """Show every setting, its value and where that comes from; secrets are masked.

    These are the settings that `hephaestus up` would start a stack with from this folder; one that
    runs keeps those that it was started with.
    """
    from hephaestus_core.settings.sources import shown_settings

    found = shown_settings(file=config, overrides={} if home is None else {"home": home})
    if as_json:
        show_json([asdict(setting) for setting in found])
        return
    show_table(
        ("setting", "value", "source"),
        [(s.name, _text(s.value), s.source) for s in found],
    )


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value in (None, {}) else str(value)
