"""Finds the conflict markers that git left in a file."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20
#: git merges no larger file line by line, so it leaves no markers in one.
_LARGEST: Final = 1023 << 20
#: The lines of one conflict, in order. Each matches a fixed number of bytes, so a search is linear.
_MARKERS: Final = (
    re.compile(rb"\n<<<<<<< "),
    re.compile(rb"\n=======\r?\n"),
    re.compile(rb"\n>>>>>>> "),
)
_MOST_MARKER: Final = len(b"\n=======\r\n")


def has_conflict_markers(file: Path) -> bool:
    """Return whether a regular file has the three lines that mark a conflict, in order.

    Takes time linear in the size of the file, and a few MB of memory. A link, a file of another
    kind, one that cannot be read, and one above 1023 MiB count as files without markers.
    """
    awaited = 0
    rest = b"\n"  # of the chunk before: a marker may be cut in two
    for chunk in _chunks(file):
        text, start = rest + chunk, 0
        while found := _MARKERS[awaited].search(text, start):
            awaited += 1
            if awaited == len(_MARKERS):
                return True
            start = found.end() - 1  # the line break after "=======" begins the next marker
        rest = text[max(start, len(text) - _MOST_MARKER + 1) :]
    return False


def _chunks(file: Path) -> Iterator[bytes]:
    try:
        # Without O_NONBLOCK, a FIFO that an agent put there would hang the reader.
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    try:
        facts = os.fstat(opened)
        left = facts.st_size if stat.S_ISREG(facts.st_mode) else 0
        # Never more than the size seen, though the file may be growing.
        while 0 < left <= _LARGEST and (chunk := os.read(opened, min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
    finally:
        os.close(opened)
