"""The rows of a long list in chunks, so that a change sends the chunk that it concerns.

A chunk ends where the id of a task says so. So a row that comes or goes leaves the other chunks as
they are, unlike with chunks of equal length.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from hephaestus_core.outline.views import Line, More
from hephaestus_web.pages.agent_filters import Shown

#: Chunks of a page: always as many, since a refresh replaces parts and adds none.
CHUNKS: Final = 16
AGENT_CHUNKS: Final = 40
#: Rows of a chunk on average.
_LENGTH: Final = 8

_Row = TypeVar("_Row")


def chunked(lines: Iterable[Line | More]) -> list[list[Line | More]]:
    """Return the rows in 16 chunks, of which the last ones may be empty."""
    return _chunked(
        lines, CHUNKS, lambda line: isinstance(line, Line) and _is_last(line.task.id.int)
    )


def chunked_agents(rows: Iterable[Shown]) -> list[list[Shown]]:
    """Return the rows of agents in 40 chunks, of which the last ones may be empty."""
    return _chunked(rows, AGENT_CHUNKS, lambda row: _is_last(row.agent.id.int))


def _is_last(number: int) -> bool:
    return number % _LENGTH == 0


def _chunked(rows: Iterable[_Row], most: int, is_last: Callable[[_Row], bool]) -> list[list[_Row]]:
    chunks: list[list[_Row]] = [[]]
    for row in rows:
        chunks[-1].append(row)
        if is_last(row) and len(chunks) < most:
            chunks.append([])
    return chunks + [[] for _ in range(most - len(chunks))]
