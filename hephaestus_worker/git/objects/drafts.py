"""Quarantine for new commits, until the branch of the origin is set to them."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hephaestus_worker.git.objects import carrying
from hephaestus_worker.git.objects.object_store import ObjectStore, Quarantine, object_path

#: git uses such names for quarantine folders of its own.
_PREFIX = "tmp_objdir-hephaestus-"
_LEFT_SECONDS = 86_400


@dataclass(frozen=True)
class Needed:
    """A commit that new ones build upon; `branch` of the origin may point to it."""

    commit: str
    branch: str | None


@dataclass(frozen=True)
class Draft:
    """New commits in `store`, and `publish`, which sets the branch to the last of them.

    `publish` takes the new commits, oldest first, and the commit that the branch must point to
    now. It returns False if another push came first.
    """

    store: ObjectStore
    publish: Callable[[Sequence[str], str | None], bool]


@contextmanager
def quarantined(mirror: Path, known: Path) -> Iterator[Quarantine]:
    """Yield a new folder for objects, deleted at the end.

    New objects are written to that folder; git reads the others from `known`. So nobody has to
    search for the objects that `known` lacks. A server that receives a push does the same. It is
    also quicker: a file system makes files in a new folder several times as fast as in the
    folders of an old repository.

    Args:
        mirror: bare repository in which the folder is made.
        known: folder of the objects that the new ones build upon.
    """
    with tempfile.TemporaryDirectory(
        prefix=_PREFIX, dir=mirror / "objects", ignore_cleanup_errors=True
    ) as new:
        yield Quarantine(Path(new), known)


def release(quarantine: Quarantine, commits: Sequence[str]) -> None:
    """Move the objects in quarantine to the object store that they build upon.

    No other store is complete: git does not write an object again that `known` has. The commits
    are moved last and in order, so an interruption leaves no commit without its objects.
    """
    new = quarantine.new
    last = {object_path(new, commit): None for commit in commits}
    files = [Path(entry) for folder in os.scandir(new) for entry in os.scandir(folder)]
    for file in [*(file for file in files if file not in last), *last]:
        carrying.link(file, object_path(quarantine.known, file.parent.name + file.name))


def delete_left(mirror: Path) -> None:
    """Delete quarantine folders older than a day: the merge that made them was killed."""
    for folder in (mirror / "objects").glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):  # a merge has just deleted its own
            if time.time() - folder.stat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
