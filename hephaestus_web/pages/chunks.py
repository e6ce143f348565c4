"""The rows of an outline in chunks, so that a change sends the chunk that it concerns.

A chunk ends where the id of a task says so. So a row that comes or goes leaves the other chunks as
they are, unlike with chunks of equal length.
"""

from collections.abc import Iterable
from typing import Final

from hephaestus_core.outline.views import Line, More

#: Chunks of a page: always as many, since a refresh replaces parts and adds none.
CHUNKS: Final = 16
#: Rows of a chunk on average.
_LENGTH: Final = 8


def chunked(lines: Iterable[Line | More]) -> list[list[Line | More]]:
    """Return the rows in 16 chunks, of which the last ones may be empty."""
    chunks: list[list[Line | More]] = [[]]
    for line in lines:
        chunks[-1].append(line)
        ends = isinstance(line, Line) and line.task.id.int % _LENGTH == 0
        if ends and len(chunks) < CHUNKS:
            chunks.append([])
    return chunks + [[] for _ in range(CHUNKS - len(chunks))]
