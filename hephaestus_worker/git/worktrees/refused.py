"""Files of a worktree that git does not take: named, with git's reason, and kept at the end.

A filter that fails, an encoding that a file does not have, a file that cannot be read: none of
these may keep the rest of the work from being saved.
"""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from hephaestus_core.contract.left_out import LeftOut
from hephaestus_worker.git import command as git
from hephaestus_worker.git.worktrees.place import Place

#: Parts of git's messages that tell of the host, whatever file they name.
_OF_THE_HOST: Final = ("No space left", "ead-only file system", "insufficient permission", ".lock'")
_LONGEST: Final = 200


def refused(place: Place, path: str, done: git.Finished) -> list[LeftOut]:
    """Return the file that git did not take when it was given this file alone.

    Raises:
        GitError: the cause is the host, not the file.
    """
    name = "".join(letter if letter.isprintable() else "?" for letter in path)
    if name not in done.stderr or any(words in done.stderr for words in _OF_THE_HOST):
        raise git.GitError(f"save {name} in {place.folder}", done)
    try:
        size = (place.folder / path).lstat().st_size
    except OSError:
        return []  # A live agent may have deleted it meanwhile.
    return [LeftOut(path, 1, size, git.brief(done.stderr)[:_LONGEST])]


def set_aside(place: Place, target: Path, paths: Collection[str]) -> None:
    """Move these files to `target`; the worktree then counts as if they had not been changed.

    Raises:
        OSError: a file cannot be moved.
    """
    for path in paths:
        source = place.folder / path
        if os.path.lexists(source):
            (target / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            source.rename(target / path)
    tracked = place.git("ls-files", "-z", "--", *paths, doing="list files") if paths else None
    if tracked and tracked.stdout:
        place.git(
            *("update-index", "--skip-worktree", "-z", "--stdin"),
            doing="set files aside",
            stdin=tracked.stdout,
        )
