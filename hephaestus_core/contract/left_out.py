"""Files that a host does not commit: too many or too large new ones, and those git refuses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: The most entries listed one by one; the others are summed up.
_NAMED: Final = 20
#: The most characters kept of a path.
_PATH_LIMIT: Final = 300


@dataclass(frozen=True)
class LeftOut:
    """One file, or all new files of a folder.

    `path` is relative to the worktree. A folder's path ends with a slash; "./" means the files
    outside all folders. `reason` is given for a file that git refuses, for instance because a
    filter fails on it; without one there is simply too much of it.
    """

    path: str
    files: int
    bytes: int
    reason: str = ""


def brief(left_out: Sequence[LeftOut]) -> list[LeftOut]:
    """Return entries to store: the heaviest one by one, the others summed up, with safe paths."""
    named = [
        LeftOut(plain_path(each.path), each.files, each.bytes, plain_path(each.reason))
        for each in left_out[:_NAMED]
    ]
    others = left_out[_NAMED:]
    if not others:
        return named
    files, size = sum(each.files for each in others), sum(each.bytes for each in others)
    reason = next((plain_path(each.reason) for each in others if each.reason), "")
    return [*named, LeftOut(f"{len(others)} others", files, size, reason)]


def in_words(left_out: Sequence[LeftOut]) -> str:
    """Return "data/ (2,000 files, 31.5 MB), big.bin (25.0 MB)", and reasons after the sizes."""
    return ", ".join(f"{each.path} ({_extent(each)})" for each in left_out)


def plain_path(path: str) -> str:
    """Return a path or name of an agent's, printable and bounded."""
    shown = path.encode(errors="surrogateescape").decode(errors="replace")
    printable = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in shown
    )
    return printable if len(printable) <= _PATH_LIMIT else f"{printable[:_PATH_LIMIT]}…"


def _extent(left: LeftOut) -> str:
    size = f"{left.bytes / 1_000_000:,.1f} MB"
    extent = size if left.files == 1 else f"{left.files:,} files, {size}"
    return f"{extent}: {left.reason}" if left.reason else extent
