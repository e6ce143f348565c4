"""The mark in the folder of an agent that was ended because its stack was gone."""

from contextlib import suppress
from pathlib import Path
from typing import Final

MARK: Final = "orphaned"


def mark(folder: Path) -> None:
    """Mark the agent with this folder, if the folder is still there."""
    with suppress(OSError):
        (folder / MARK).touch(mode=0o600)
