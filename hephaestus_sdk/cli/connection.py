"""The options by which every client command finds its stack."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from hephaestus_core.config import load_settings
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.connecting import given_address, running_stack

Function = TypeVar("Function", bound=Callable[..., Any])

#: Seconds for which a command that asks one thing goes on trying.
_PATIENCE = 5.0


def stack_options(function: Function) -> Function:
    """Add ``--url``, ``--token`` and ``--home``."""
    for option in (
        click.option(
            "--home",
            type=click.Path(path_type=Path),
            help="Home of the local stack; default ~/.hephaestus.",
        ),
        click.option(
            "--token",
            help="Token for --url; better in HEPHAESTUS_TOKEN, as arguments can be seen by others.",
        ),
        click.option(
            "--url", help="A stack elsewhere; default HEPHAESTUS_URL, else the local one."
        ),
    ):
        function = option(function)
    return function


def json_option(function: Function) -> Function:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def connect(url: str | None, token: str | None, home: Path | None) -> HephaestusClient:
    """Return a client for the stack that the options mean.

    Raises:
        HephaestusStartupError: no stack is named and none runs here.
    """
    address = given_address(url, token)
    if address is None:
        overrides = {} if home is None else {"home": home}
        address = running_stack(load_settings(overrides=overrides).home)
    return HephaestusClient(address.url, address.token, patience=_PATIENCE)
