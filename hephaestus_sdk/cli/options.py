"""Options that several commands share, and the settings that they lead to."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from hephaestus_core.settings.config import Settings

F = TypeVar("F", bound=Callable[..., Any])


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


def settings_from(home: Path | None, config: Path | None, **given: Any) -> "Settings":
    """Return the settings of all sources; options that were not given change nothing.

    Raises:
        ConfigurationError: settings that cannot be used.
    """
    from hephaestus_core.settings.config import load_settings

    options = {name: value for name, value in (given | {"home": home}).items() if value is not None}
    return load_settings(file=config, overrides=options)
