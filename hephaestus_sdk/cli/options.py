"""Options that several commands share, and the settings that they lead to."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from hephaestus_core.settings.config import Settings

F = TypeVar("F", bound=Callable[..., Any])

_PORT: Final = click.IntRange(1, 65535)


def home_and_config(command: F) -> F:
    """Add ``--home`` and ``--config``."""
    home = click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the stack's data, logs and secrets.  [default: ~/.hephaestus]",
    )
    config = click.option(
        "--config",
        "config",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Settings file.  [default: ./hephaestus_config.yaml if it is there]",
    )
    return home(config(command))


def ports_and_timeout(command: F) -> F:
    """Add ``--port``, ``--ui-port`` and ``--timeout`` of a stack that is started."""
    port = click.option("--port", type=_PORT, help="Port of the API and MCP.  [default: 8000]")
    ui_port = click.option(
        "--ui-port", type=_PORT, help="Port of the browser interface.  [default: 3000]"
    )
    timeout = click.option(
        "--timeout",
        type=float,
        default=60.0,
        show_default=True,
        help="Seconds within which the stack must be ready.",
    )
    return port(ui_port(timeout(command)))


def settings_from(home: Path | None, config: Path | None, **given: Any) -> "Settings":
    """Return the settings of all sources; options that were not given change nothing.

    Raises:
        ConfigurationError: settings that cannot be used.
    """
    from hephaestus_core.settings.config import load_settings

    options = {name: value for name, value in (given | {"home": home}).items() if value is not None}
    return load_settings(file=config, overrides=options)
