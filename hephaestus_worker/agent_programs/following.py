"""Reading on in files that programs append to, one JSON object on each line.

An agent may cut, replace or forge such a file. Then it is read from its beginning.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from hephaestus_core.contract import agent_files
from hephaestus_core.costs.views import Turn
from hephaestus_worker.agent_programs.base import Place, Places, Reading

#: Most bytes of one reading, over all files.
MOST_BYTES: Final = 16 * 2**20
_MARK_BYTES: Final = 64

Reader = Callable[[Iterator[dict[str, Any]], agent_files.Name, str], tuple[list[Turn], str]]
"""Returns the turns in the entries of a file, and the note for the next reading of it."""


@dataclass(frozen=True)
class _Part:
    """The part of a file that is read now."""

    content: bytes
    place: Place
    """After its last whole line; its note is that of the part before."""
    more: bool


def follow(folder: Path, names: Iterable[agent_files.Name], after: Places, read: Reader) -> Reading:
    """Read on in files of an agent's folder, each from its place in ``after``."""
    turns: list[Turn] = []
    places: dict[str, Place] = {}
    left, more = MOST_BYTES, False
    for name in names:
        place = after.get(str(name), Place())
        part = _part(folder, name, place, left) if left > 0 else None
        if part is None:
            places[str(name)] = place
            more = more or left <= 0
            continue
        left -= len(part.content)
        found, note = read(agent_files.objects(part.content), name, part.place.note)
        turns += found
        places[str(name)] = Place(part.place.offset, part.place.mark, note)
        more = more or part.more
    return Reading(tuple(turns), places, more)


def _part(folder: Path, name: agent_files.Name, place: Place, most: int) -> _Part | None:
    with agent_files.opened(folder, name) as file:
        if file is None:
            return None
        start = place if _continues(file, place) else Place()
        file.seek(start.offset)
        content = file.read(most)
        # A line that is still being written is read again; one that no reading can hold is passed
        # over.
        endless = len(content) == MOST_BYTES
        whole = content.rfind(b"\n") + 1 or (len(content) if endless else 0)
        mark = (start.mark + content[:whole])[-_MARK_BYTES:]
        reached = Place(start.offset + whole, mark, start.note)
        return _Part(content, reached, len(content) == most)


def _continues(file: BinaryIO, place: Place) -> bool:
    """Return whether the file still has what was read of it."""
    if os.fstat(file.fileno()).st_size < place.offset:
        return False
    file.seek(place.offset - len(place.mark))
    return file.read(len(place.mark)) == place.mark
