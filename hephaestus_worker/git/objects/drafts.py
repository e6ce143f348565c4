"""Where commits for a branch of an origin are made, before the origin has any of them."""

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

#: git calls folders for objects that are not in a repository yet by such names, too.
_PREFIX = "tmp_objdir-hephaestus-"
_LEFT_SECONDS = 86_400


@dataclass(frozen=True)
class Needed:
    """A commit that others are made on top of; `branch` is one of the origin that may be at it."""

    commit: str
    branch: str | None


@dataclass(frozen=True)
class Draft:
    """Commits are made in `store`; then `publish` sets the branch.

    `publish` takes the commits that were made, each before what was made on top of it, and where
    the branch must be now. It returns False if the branch was elsewhere and is not at the last of
    them now.
    """

    store: ObjectStore
    publish: Callable[[Sequence[str], str | None], bool]


@contextmanager
def quarantined(mirror: Path, known: Path) -> Iterator[Quarantine]:
    """Yield a new folder for objects, deleted at the end.

    What is made of commits that `known` has whole is then in `known` or in that folder, so that
    nobody has to look for what `known` lacks of it; a server that receives a push keeps it
    apart in the same way. It is quicker, too: a file system makes files in a new folder several
    times as fast as in those of a repository that much was deleted from.

    Args:
        mirror: bare repository in which the folder is made.
        known: folder of the objects that new ones are put on top of.
    """
    with tempfile.TemporaryDirectory(
        prefix=_PREFIX, dir=mirror / "objects", ignore_cleanup_errors=True
    ) as new:
        yield Quarantine(Path(new), known)


def release(quarantine: Quarantine, commits: Sequence[str]) -> None:
    """Put what was made in quarantine to the objects that it was made upon.

    To no others: these may have had some of it already, which was then not made anew. The commits
    come last and in their order: a stop halfway leaves none without what it needs.
    """
    new = quarantine.new
    last = {object_path(new, commit): None for commit in commits}
    files = [Path(entry) for folder in os.scandir(new) for entry in os.scandir(folder)]
    for file in [*(file for file in files if file not in last), *last]:
        carrying.link(file, object_path(quarantine.known, file.parent.name + file.name))


def delete_left(mirror: Path) -> None:
    """Delete what merges that were killed have left: it can have no use any more after a day."""
    for folder in (mirror / "objects").glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):  # that of a merge that has just ended
            if time.time() - folder.stat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
