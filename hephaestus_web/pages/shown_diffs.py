"""A diff as a page shows it: its files in order, and as many of their lines as fit.

A page has a bounded number of lines and characters. Files beyond that are folded, and are asked for
one by one, in pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from typing import Final

from hephaestus_core.changes.patches import PatchFile, read
from hephaestus_core.changes.risks import Seen, is_lock_file
from hephaestus_core.changes.rules import DiffView
from hephaestus_core.contract.diffs import FileChange
from hephaestus_web.pages.diff_lines import LINE_LIMIT, Row, rows_of

#: Lines and characters of all files that a page shows at first, and of one piece of a file.
_PAGE_LINES: Final = 500
_PAGE_CHARACTERS: Final = 40_000
_PIECE_LINES: Final = 800
_PIECE_CHARACTERS: Final = 60_000
#: A file with more lines is folded from the beginning.
_BIG: Final = 300


@dataclass(frozen=True)
class ShownFile:
    """A file of the page."""

    number: int
    """Its place in the diff, by which it is asked for."""
    path: str
    notes: tuple[str, ...]
    """What is to be said of it beside its lines."""
    insertions: int | None
    deletions: int | None
    lines: int
    digest: str
    """Of what is shown of it: a mark that it was seen holds for that alone."""
    rows: tuple[Row, ...] = ()
    following: int | None = None
    """The line with which the next piece begins; None: there is none."""
    is_open: bool = False


@dataclass(frozen=True)
class ShownDiff:
    """A diff as the page shows it."""

    files: tuple[ShownFile, ...]
    seen: tuple[Seen, ...]
    """The same files for the rules of risks."""
    unlisted: int
    """Files that are not listed, as there are too many."""
    incomplete: tuple[str, ...]
    """Paths of which not all lines were recorded."""


def shown_diff(diff: DiffView) -> ShownDiff:
    """Return the diff with as many lines as a page has room for."""
    seen = files_of(diff)
    lines, characters = _PAGE_LINES, _PAGE_CHARACTERS
    files = []
    for number, file in enumerate(seen):
        needed, size = (0, 0) if file.patch is None else (file.patch.lines, _size(file.patch))
        is_quiet = needed > _BIG or is_lock_file(file.path)
        fits = 0 < needed <= lines and size <= characters and not is_quiet
        if fits:
            lines, characters = lines - needed, characters - size
        files.append(_shown(number, file, diff, opened=fits))
    unlisted = max(0, diff.files - len(diff.changes))
    return ShownDiff(tuple(files), tuple(seen), unlisted, tuple(_incomplete(seen, diff)))


def piece_of(diff: DiffView, number: int, *, start: int = 0) -> ShownFile | None:
    """Return a file of the diff with its lines from ``start`` on; None: there is no such file."""
    seen = files_of(diff)
    if not 0 <= number < len(seen):
        return None
    return _shown(number, seen[number], diff, opened=True, start=start)


def files_of(diff: DiffView) -> list[Seen]:
    """Return the files of a diff: those that are listed, with what the patch has of them."""
    patches = read(diff.patch)
    pairs = zip_longest(diff.changes, patches[: max(len(diff.changes), 1)])
    return [_seen(change, patch) for change, patch in pairs]


def _seen(change: FileChange | None, patch: PatchFile | None) -> Seen:
    path = patch.path if patch is not None and patch.path else change.path if change else ""
    if change is None:
        return Seen(path, 0, 0, patch=patch)
    return Seen(path, change.insertions, change.deletions, change.size, patch)


def _incomplete(seen: Sequence[Seen], diff: DiffView) -> list[str]:
    """Return the files whose lines were cut off or left out when the diff was recorded."""
    if not diff.truncated:
        return []
    last = max((n for n, file in enumerate(seen) if file.patch is not None), default=-1)
    return [file.path for n, file in enumerate(seen) if n >= last and file.insertions is not None]


def _shown(number: int, file: Seen, diff: DiffView, *, opened: bool, start: int = 0) -> ShownFile:
    rows, following = _piece(file.patch, start) if opened and file.patch else ((), None)
    return ShownFile(
        number=number,
        path=file.path,
        notes=tuple(_notes(file)),
        insertions=file.insertions,
        deletions=file.deletions,
        lines=0 if file.patch is None else file.patch.lines,
        digest=_digest(file, diff),
        rows=rows,
        following=following,
        is_open=opened,
    )


def _piece(patch: PatchFile, start: int) -> tuple[tuple[Row, ...], int | None]:
    """Return rows from a line on, and the line of the next piece."""
    found: list[Row] = []
    characters, at = 0, start
    for row in rows_of(patch, start, _PIECE_LINES):
        characters += len(row.html)
        if found and characters > _PIECE_CHARACTERS:
            break
        found.append(row)
        at += 1
    return tuple(found), at if at < patch.lines else None


def _size(patch: PatchFile) -> int:
    return sum(min(len(line.text), LINE_LIMIT) for hunk in patch.hunks for line in hunk.lines)


def _digest(file: Seen, diff: DiffView) -> str:
    """Return a digest of what can be seen of the file; without lines that of the commit, too."""
    if file.patch is None or not file.patch.hunks:
        said = f"{file.path}\n{diff.commit}"
    else:
        lines = (f"{line.kind} {line.text}" for hunk in file.patch.hunks for line in hunk.lines)
        said = "\n".join([*file.patch.about, *lines])
    return sha256(said.encode(errors="replace")).hexdigest()[:16]


def _notes(file: Seen) -> list[str]:
    patch, found = file.patch, []
    if file.insertions is None:
        found.append("binary" if file.size is None else f"binary, {in_bytes(file.size)}")
    if patch is None:
        return found if file.insertions is None else [*found, "lines not recorded"]
    if patch.large_size is not None:
        found.append(f"kept by Git LFS, {in_bytes(patch.large_size)}")
    if patch.old_path is not None:
        found.append(f"was {patch.old_path}")
    found += ["new"] * patch.is_new + ["deleted"] * patch.is_deleted
    if patch.modes is not None:
        found.append(f"mode {patch.modes[0]} → {patch.modes[1]}")
    return found


def in_bytes(size: int) -> str:
    """Return a size as people read it."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 1000)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
