"""The two sides of an unclean merge: files, renames, and the time of each path's last commit."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from hephaestus_worker.git import command as git
from hephaestus_worker.git.merging import times
from hephaestus_worker.git.merging.times import Ends
from hephaestus_worker.git.objects.merge_tree import Entry, read_tree
from hephaestus_worker.git.objects.object_store import ObjectStore

# Bytes of paths that fit any argument list; with more, the whole range of commits is read.
_MOST_PATHS = 100_000


@dataclass(frozen=True, order=True)
class Touch:
    """The commit that last touched something, and its time in seconds since 1970.

    The time is that of the commit, or the end of its attempt if that is earlier.
    """

    time: int
    commit: str

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)


@dataclass(frozen=True)
class Side:
    """One of the two commits of a merge; `stage` is git's number for it (2 ours, 3 theirs)."""

    commit: str
    stage: int
    files: dict[str, Entry]
    renames: dict[str, str]
    touches: dict[str, Touch]
    """By path, that of a folder too: then the newest of what lies below it."""

    @cached_property
    def versions(self) -> frozenset[Entry]:
        """Return what stands at any path."""
        return frozenset(self.files.values())

    def last_touch(self, paths: Iterable[str]) -> Touch | None:
        """Return the newest touch of any of the paths or of what lies below them."""
        found = (self.touches[path] for path in paths if path in self.touches)
        return max(found, default=None)


def read_sides(
    store: ObjectStore, ours: str, theirs: str, conflicted: Iterable[str], ends: Ends
) -> tuple[Side, Side]:
    """Return ours and theirs, with their touches of the conflicted paths since they parted."""
    base = merge_base(store, ours, theirs)
    our_renames = _renames(store, base, ours)
    their_renames = _renames(store, base, theirs)
    # The side that did not rename a file touched it under its old name.
    paths = set(conflicted)
    for renames in (our_renames, their_renames):
        paths |= {renames[path] for path in conflicted if path in renames}
    names = sorted(paths)
    return (
        Side(
            *(ours, 2, read_tree(store, ours), our_renames),
            _touches(store, theirs, ours, names, ends.now),
        ),
        Side(
            *(theirs, 3, read_tree(store, theirs), their_renames),
            _touches(store, ours, theirs, names, ends.theirs),
        ),
    )


def tip_touch(store: ObjectStore, commit: str, latest: int) -> Touch:
    """Return the commit itself as a touch, for paths that no commit of its side touched.

    Args:
        latest: the latest time at which it can have been made, in seconds since 1970.
    """
    shown = store.git(
        *("show", "--no-patch", "--format=%ct", commit),
        doing=f"read the time of commit {commit[:12]}",
    )
    return Touch(times.seconds(shown.text, latest), commit)


def merge_base(store: ObjectStore, ours: str, theirs: str) -> str | None:
    """Return where two commits parted; None: they have no common history."""
    found = store.git(
        *("merge-base", ours, theirs),
        doing=f"find where {ours[:12]} and {theirs[:12]} parted",
        allowed=(0, 1),
    )
    return found.text or None


def _renames(store: ObjectStore, base: str | None, side: str) -> dict[str, str]:
    """Return the old name of each renamed file by its new one."""
    if base is None:
        return {}
    listed = store.git(
        *("diff-tree", "-r", "-z", "-M", "-l7000", "--diff-filter=R", "--name-status", base, side),
        doing=f"find what {side[:12]} renamed",
    )
    tokens = iter(os.fsdecode(listed.stdout).split("\0"))
    pairs = ((next(tokens), next(tokens)) for status in tokens if status)
    return {new: old for old, new in pairs}


def _touches(
    store: ObjectStore, other: str, side: str, paths: Sequence[str], latest: int
) -> dict[str, Touch]:
    narrowed = ("--", *paths) if sum(map(len, paths)) < _MOST_PATHS else ()
    logged = store.git(
        # -c: a merge commit touches a file if it differs from all parents.
        *("log", "-z", "-c", "--name-only", "--no-renames", "--format=%x00%H %ct"),
        *(f"{other}..{side}", *narrowed),
        doing=f"read when {side[:12]} touched its conflicted files",
        timeout=git.NETWORK,
    )
    ends = times.attempt_ends(store, other, side, latest)
    touches: dict[str, Touch] = {}
    found = _read_log(
        os.fsdecode(logged.stdout),
        lambda commit, time: times.seconds(time, min(latest, ends.get(commit, latest))),
    )
    for path, touch in found:
        for name in (path, *folders_of(path)):
            touches[name] = max(touch, touches.get(name, touch))
    return touches


def folders_of(path: str) -> list[str]:
    """Return the folders above a path, except the top of the repository."""
    return [path[:end] for end, letter in enumerate(path) if letter == "/"]


def _read_log(log: str, time_of: Callable[[str, str], int]) -> Iterator[tuple[str, Touch]]:
    """Read: empty token, "commit time", then its paths, the first after a line feed."""
    tokens = iter(log.split("\0"))
    touch: Touch | None = None
    for token in tokens:
        if not token:
            commit, _, time = next(tokens, "").partition(" ")
            touch = Touch(time_of(commit, time), commit) if commit else None
            first = next(tokens, "")
            if touch and first:
                yield first.removeprefix("\n"), touch
        elif touch:
            yield token, touch
