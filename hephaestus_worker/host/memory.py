"""Free memory of this host, looked at before a task is claimed."""

from pathlib import Path
from typing import Final

import psutil

_GROUP: Final = Path("/sys/fs/cgroup")
_MB: Final = 1_000_000


def shortage(free: int, *, least: int, short: bool) -> str | None:
    """Say that memory is short; None if it is not.

    Args:
        free: bytes that programs can have.
        least: bytes that are enough.
        short: it was short before: then it takes an eighth more, so that it does not come and go.
    """
    enough = least + least // 8 if short else least
    if free >= enough:
        return None
    return f"{free // _MB} MB of memory are free of at least {enough // _MB} MB"


def free_bytes(group: Path = _GROUP) -> int:
    """Return the bytes that programs can have, within the limit of this container if it has one."""
    free = psutil.virtual_memory().available
    try:
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        files = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        # Pages of files that nobody uses are given back at once.
        return max(0, min(free, limit - used + int(files["inactive_file"])))
    except (OSError, ValueError, KeyError):  # without a limit, or with control groups of version 1
        return free
