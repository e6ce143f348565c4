"""The name of this host, which does not follow a renaming of the machine."""

import socket
from pathlib import Path

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings.config import Settings


def host_name(settings: Settings) -> str:
    """Return the configured name, else the name in the home, else the machine's.

    Raises:
        ConfigurationError: the file in the home cannot be read.
    """
    return settings.host_name or remembered(settings.home) or _name_of_machine()


def remembered(home: Path) -> str | None:
    """Return the name that the home remembers; None before the first start of its worker.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    file = HomeLayout(home).host_name_file
    try:
        return file.read_text().strip() or None
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{file} cannot be read ({error}); make it readable, or set host_name."
        ) from error


def _name_of_machine() -> str:
    return socket.gethostname().split(".")[0].lower()
