"""The options by which every client command finds its stack."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hephaestus_core.settings.config import load_settings
from hephaestus_sdk.api.connecting import Address, given_address, running_stack

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient
    from hephaestus_sdk.waiting.waits import Waits

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
            help="Token for --url; prefer HEPHAESTUS_TOKEN: other users can read arguments.",
        ),
        click.option(
            "--url", help="URL of a remote stack; default HEPHAESTUS_URL, else the local stack."
        ),
    ):
        function = option(function)
    return function


def json_option(function: Function) -> Function:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def connect(url: str | None, token: str | None, home: Path | None) -> "HephaestusClient":
    """Return a client for the stack that the options mean.

    Raises:
        HephaestusStartupError: no stack is named and none runs here.
    """
    return connect_to(stack_address(url, token, home))


def connect_to(address: Address) -> "HephaestusClient":
    """Return a client for the stack at ``address``."""
    from hephaestus_sdk.client import HephaestusClient  # `--help` needs no HTTP

    return HephaestusClient(address.url, address.token, patience=_PATIENCE)


def stack_address(url: str | None, token: str | None, home: Path | None) -> Address:
    """Return where the stack is that the options mean, and the token for it.

    Raises:
        HephaestusStartupError: no stack is named and none runs here.
    """
    address = given_address(url, token)
    if address is not None:
        return address
    overrides = {} if home is None else {"home": home}
    return running_stack(load_settings(overrides=overrides).home)


def waits(client: "HephaestusClient") -> "Waits":
    """Return waits on a stack that show how it goes, if stderr is a terminal."""
    from hephaestus_sdk.waiting.progress import open_display
    from hephaestus_sdk.waiting.waits import Waits

    return Waits(client, open_display)
