"""The lines that a branch changes, in numbers of the version before: bounded, from one diff."""

import re
from collections.abc import Iterator
from typing import Final

from hephaestus_core.contract.touched import TouchedFile
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.mirror import Mirror

#: Bytes of a diff that are read.
_MOST_BYTES: Final = 1024 * 1024
_MOST_FILES: Final = 200
_MOST_RANGES: Final = 200
_PATH_LIMIT: Final = 300
#: The last line of a file that is not there yet: two branches that add it are in each other's way.
_WHOLE: Final = 1_000_000_000

_INDEX: Final = re.compile(rb"^index ([0-9a-f]{40,64})\.\.")
_HUNK: Final = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")


def touched(mirror: Mirror, base: str, tip: str) -> list[TouchedFile]:
    """Return the files that differ between two commits, with the changed lines of the base's.

    Raises:
        RepositoryError: the mirror does not have one of them.
    """
    said, _ = git.beginning(
        *("diff-tree", "-r", "--no-renames", "--no-textconv", "--full-index", "--patch", "-U0"),
        *(git.check_commit(base), git.check_commit(tip)),
        doing=f"compare the lines of {base[:12]} with {tip[:12]}",
        git_dir=mirror.path,
        most=_MOST_BYTES,
    )
    return list(_files(said.split(b"\n")))[:_MOST_FILES]


def _files(lines: list[bytes]) -> Iterator[TouchedFile]:
    """Yield the files of a patch without context."""
    path, blob, ranges = "", "", list[tuple[int, int]]()
    skip = 0
    for line in lines:
        if skip and line[:1] in {b"+", b"-"}:
            skip -= 1  # a changed line, whatever it looks like
        elif line.startswith(b"diff --git "):
            if path and ranges:
                yield TouchedFile(path, blob, ranges[:_MOST_RANGES])
            path, blob, ranges = "", "", []
        elif found := _INDEX.match(line):
            blob = found[1].decode()
        elif line.startswith((b"--- a/", b'--- "a/', b"+++ b/", b'+++ "b/')):
            path = path or _path(line)
        elif hunk := _HUNK.match(line):
            first, count, added = int(hunk[1]), _count(hunk[2]), _count(hunk[3])
            skip = count + added
            ranges.append(_range(first, count, new_file=not blob.strip("0")))
    if path and ranges:
        yield TouchedFile(path, blob, ranges[:_MOST_RANGES])


def _range(first: int, count: int, *, new_file: bool) -> tuple[int, int]:
    if new_file:
        return 1, _WHOLE
    # Lines that are added stand between two lines of the version before.
    return first, first + count - 1 if count else first + 1


def _path(line: bytes) -> str:
    text = line[4:].strip(b'"\t').decode(errors="replace").replace("\0", "")
    return text[2:][:_PATH_LIMIT]


def _count(digits: bytes | None) -> int:
    return 1 if digits is None else int(digits)
