"""Reading what agents may write: regular files of this user alone, within bounds.

An agent may have put anything in the place of a file: a link to a secret, a pipe that never
answers, a device, a file without end. For every reader here, such a file is absent.
"""

import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final

#: Most bytes of one JSON file, and of one line of a file with a JSON value on each line.
MOST_JSON: Final = 8 * 2**20
#: Most bytes that :func:`json_lines` reads of one file.
MOST_LINES: Final = 256 * 2**20
#: Most entries of folders that one search looks at.
_MOST_ENTRIES: Final = 20_000

_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC

Name = str | PurePosixPath


@contextmanager
def opened(folder: Path, name: Name) -> Iterator[BinaryIO | None]:
    """Open the file ``name``, relative to an agent's folder; None if it may not be read.

    No link is followed, neither at the end nor on the way.
    """
    descriptor = _descriptor(folder, PurePosixPath(name).parts)
    if descriptor is None:
        yield None
    else:
        with os.fdopen(descriptor, "rb") as file:
            yield file


def size(folder: Path, name: Name) -> int | None:
    """Return the size of a file in bytes; None if it may not be read."""
    with opened(folder, name) as file:
        return None if file is None else _size(file)


def changed(folder: Path, name: Name) -> float:
    """Return the time of a file's last change, in seconds; 0 if it may not be read."""
    with opened(folder, name) as file:
        return 0.0 if file is None else os.fstat(file.fileno()).st_mtime


def read(folder: Path, name: Name, *, most: int, start: int = 0) -> bytes | None:
    """Return at most ``most`` bytes of a file from byte ``start``; None if it may not be read."""
    with opened(folder, name) as file:
        if file is None:
            return None
        left = _size(file) - start
        if left <= 0:  # file systems refuse to seek to arbitrary offsets
            return b""
        file.seek(start)
        return file.read(min(most, left))


def json_object(folder: Path, name: Name) -> dict[str, Any]:
    """Return the JSON object in a file; an empty one for anything else."""
    content = read(folder, name, most=MOST_JSON + 1)
    if content is None or len(content) > MOST_JSON:
        return {}
    return _object(content) or {}


def json_lines(folder: Path, name: Name, *, start: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file that has one on each line, from byte ``start``.

    Lines with anything else are left out, such as one that its program is still writing.
    """
    with opened(folder, name) as file:
        if file is None or start >= _size(file):
            return
        file.seek(start)
        for line in _lines(file):
            if (entry := _object(line)) is not None:
                yield entry


def objects(content: bytes) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of content that has one on each line; other lines are left out."""
    for line in content.split(b"\n"):
        if (entry := _object(line)) is not None:
            yield entry


def files(folder: Path, pattern: str) -> list[PurePosixPath]:
    """Return the names, relative to ``folder``, of the regular files that match; sorted.

    Args:
        folder: an agent's folder; no link in it is followed.
        pattern: names with ``*``, ``?`` and ``[…]``, separated by ``/``; ``**`` stands for any
            number of folders.
    """
    found: set[PurePosixPath] = set()
    budget = iter(range(_MOST_ENTRIES))
    places: list[tuple[PurePosixPath, Sequence[str]]]
    places = [(PurePosixPath(), PurePosixPath(pattern).parts)]
    while places:
        place, (first, *rest) = places.pop()
        if first == "**" and rest:
            places.append((place, rest))
        for _, entry in zip(budget, _entries(folder / place), strict=False):
            if entry.is_dir(follow_symlinks=False):
                if first == "**":
                    places.append((place / entry.name, (first, *rest)))
                elif rest and fnmatchcase(entry.name, first):
                    places.append((place / entry.name, rest))
            elif not rest and _is_file(entry) and fnmatchcase(entry.name, first):
                found.add(place / entry.name)
    return sorted(found)


def _descriptor(folder: Path, parts: Sequence[str]) -> int | None:
    if not parts or ".." in parts:
        return None
    places: list[int] = []
    try:
        places.append(os.open(folder, _FOLDER))
        for part in parts[:-1]:
            places.append(os.open(part, _FOLDER, dir_fd=places[-1]))
        file = os.open(parts[-1], _FILE, dir_fd=places[-1])
    except OSError:
        return None
    finally:
        for place in places:
            os.close(place)
    if _is_own(os.fstat(file)):
        return file
    os.close(file)
    return None


def _is_own(found: os.stat_result) -> bool:
    """Return whether it is a regular file of this user, and not another file's second name."""
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink <= 1


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines that are not too long, of the first bytes of a file."""
    left, torn = MOST_LINES, False
    while left > 0 and (line := file.readline(MOST_JSON)):
        left -= len(line)
        whole = line.endswith(b"\n") or len(line) < MOST_JSON
        if whole and not torn:
            yield line
        torn = not whole


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        if not folder.is_symlink():
            with os.scandir(folder) as entries:
                yield from entries
    except OSError:
        return


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)
