"""The state of all files of a tree, and the way back to it after a command has run there."""

import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from hephaestus_worker.reviews.run_folders import delete

#: By the path: type and rights; of all but folders, also what shows each change of the content.
State = Mapping[str, tuple[int, ...]]

#: More files than these are not watched.
_MOST_FILES: Final = 500_000
#: The clock of file systems moves in steps, in seconds; within one, a change may leave no trace.
_STEP: Final = 0.02


def state_of(root: Path) -> State | None:
    """Return the state of a tree once each later change will show; None if it is too big."""
    found: dict[str, tuple[int, ...]] = {}
    with suppress(OSError):
        for entry in _entries(root):
            found[entry.path] = _facts(entry)
            if len(found) > _MOST_FILES:
                return None
        time.sleep(_STEP)
        return found
    return None


def brought_back(root: Path, before: State | None) -> bool:
    """Delete what is new in the tree; False if anything else differs from the state before.

    After False the tree is of no use.
    """
    if before is None:
        return False
    seen = new = 0
    try:
        for entry in _entries(root, known=before):
            if entry.path in before:
                seen += 1
                if before[entry.path] != _facts(entry):
                    return False
            elif (new := new + 1) > _MOST_FILES:
                return False
            else:
                _delete(entry)
    except OSError:
        return False
    return seen == len(before)


def _entries(root: Path, known: State | None = None) -> Iterator["os.DirEntry[str]"]:
    """Yield everything below the root; of folders that are not known, only the folder."""
    folders = [str(root)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False) and (known is None or entry.path in known):
                    folders.append(entry.path)
                yield entry


def _facts(entry: "os.DirEntry[str]") -> tuple[int, ...]:
    found = entry.stat(follow_symlinks=False)
    if stat.S_ISDIR(found.st_mode):
        return (found.st_mode,)
    return (found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _delete(entry: "os.DirEntry[str]") -> None:
    if entry.is_dir(follow_symlinks=False):
        delete(Path(entry.path))
    else:
        Path(entry.path).unlink()
