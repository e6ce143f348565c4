"""The terminal interface; needs the extra ``tui``."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from hephaestus_core.settings.installation import install_command
from hephaestus_sdk.errors import HephaestusStartupError

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient


def require_library() -> None:
    """Return if the library of the interface is installed.

    Raises:
        HephaestusStartupError: it is not; says how to get it.
    """
    if find_spec("textual") is None:
        raise HephaestusStartupError(
            "the terminal interface needs a library that is not installed; "
            f"run: {install_command('tui')}"
        )


def required_app() -> "Callable[[HephaestusClient, Path | None], None]":
    """Return what shows a stack until the user leaves; takes the client and the home, if local.

    Raises:
        HephaestusStartupError: its library is not installed.
    """
    require_library()
    from hephaestus_sdk.tui.app import run

    return run
