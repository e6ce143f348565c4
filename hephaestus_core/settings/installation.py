"""Where this program was installed from, for advice on what it lacks."""

import json
import sys
from importlib.metadata import distributions
from pathlib import Path
from shlex import quote
from typing import Any, Final
from urllib.parse import unquote, urlsplit

_NAME: Final = "hephaestus"
#: Holds the packages: a checkout, or the folder of all installed packages.
_SOURCE: Final = Path(__file__).parents[2]


def install_command(*extras: str) -> str:
    """Return the command that adds optional packages to this very installation."""
    return f"{quote(sys.executable)} -m pip install {requirement(extras, _origin())}"


def requirement(extras: tuple[str, ...], origin: dict[str, Any] | None) -> str:
    """Return what pip has to install, quoted for a shell.

    Args:
        extras: names of the optional packages.
        origin: the record that pip keeps of a direct installation (PEP 610); None: an index.
    """
    wanted = f"[{','.join(extras)}]"
    if origin is None:
        return quote(f"{_NAME}{wanted}")
    if (folder := origin.get("dir_info")) is not None:
        path = unquote(urlsplit(origin["url"]).path)
        return ("-e " if folder.get("editable") else "") + quote(f"{path}{wanted}")
    url = origin["url"]
    if vcs := origin.get("vcs_info"):
        revision = f"@{vcs['requested_revision']}" if vcs.get("requested_revision") else ""
        url = f"{vcs['vcs']}+{url}{revision}"
    return quote(f"{_NAME}{wanted} @ {url}")


def _origin() -> dict[str, Any] | None:
    if (_SOURCE / "setup.cfg").is_file():
        return {"url": _SOURCE.as_uri(), "dir_info": {"editable": True}}
    records = (found.read_text("direct_url.json") for found in distributions(name=_NAME))
    record = next(records, None)
    return None if record is None else json.loads(record)
