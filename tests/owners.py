"""Gives a repository to another user."""

import os
from pathlib import Path

#: A user id that nobody has here.
ANOTHER = 54321


def give_to_another(folder: Path) -> None:
    for place, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(place, name), ANOTHER, ANOTHER, follow_symlinks=False)
