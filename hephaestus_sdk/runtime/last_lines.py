"""Reads the end of a log without reading all of it."""

import os
from pathlib import Path

#: No line that helps is longer than this on average.
_BYTES_PER_LINE = 400


def last_lines(path: Path, count: int) -> list[str]:
    """Return at most ``count`` last lines; none when there is no such file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - count * _BYTES_PER_LINE))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return text.splitlines()[-count:] if count > 0 else []
