"""Import and export of memories as lines of JSON."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.memory_lines import MOST_FAULTS, MOST_LINES
from hephaestus_core.db.engine import Database
from hephaestus_core.memory.lines import Line, LineFault, line_of, read_line
from hephaestus_core.memory.rules import MemoryView
from hephaestus_core.memory.saving import Source, join, save
from hephaestus_core.memory.searching import Question, understood
from hephaestus_core.memory.service import Cursor, page_of_memories

Page = tuple[list[MemoryView], Cursor | None]

#: Memories that an export reads at once.
_PAGE: Final = 200
#: Lines whose texts are read at once, before each is taken in a transaction of its own.
_AT_ONCE: Final = 50


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: int = 0
    known: int = 0
    """Lines of which a memory in the same scope says the same."""
    faulty: int = 0
    faults: tuple[LineFault, ...] = ()
    """The first of them."""


def exported(
    db: Database, *, repository: str | None = None, forgotten: bool = False
) -> Iterator[str]:
    """Return memories as lines, newest first; a page of them is held at a time.

    The first page is read at once, so that a database that is away is noticed before any answer.

    Args:
        db: the database.
        repository: only those that were learned there.
        forgotten: those that are forgotten, in place of the others.
    """
    read = partial(page_of_memories, db, repository=repository, forgotten=forgotten, limit=_PAGE)
    return _pages(read, read())


def _pages(read: Callable[..., Page], page: Page) -> Iterator[str]:
    items, cursor = page
    yield "".join(f"{line_of(each)}\n" for each in items)
    while cursor is not None:
        items, cursor = read(cursor=cursor)
        yield "".join(f"{line_of(each)}\n" for each in items)


def import_lines(db: Database, body: bytes, *, repository: str | None = None) -> Imported:
    """Add the memories of lines; each is taken by itself, faulty ones are named and left out.

    A second import adds nothing. Blank lines count as lines and hold nothing.

    Args:
        db: the database.
        body: lines as :func:`exported` writes them.
        repository: where all of them count as learned; None: as each says.

    Raises:
        InvalidInput: there are too many lines; nothing was added.
    """
    lines = body.split(b"\n", MOST_LINES)
    if len(lines) > MOST_LINES and lines[MOST_LINES].strip():
        raise InvalidInput(f"An import takes at most {MOST_LINES} lines at once; send it in parts.")
    done = Imported()
    told: list[Line] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            told.append(read_line(line, repository=repository))
        except InvalidInput as error:
            done = _with_fault(done, LineFault(number, error.message))
    for first in range(0, len(told), _AT_ONCE):
        part = told[first : first + _AT_ONCE]
        with db.reading() as session:
            asked = understood(session, [each.order.text for each in part])
        added = sum(_take(db, *each) for each in zip(part, asked, strict=True))
        done = replace(done, added=done.added + added, known=done.known + len(part) - added)
    return done


def _with_fault(done: Imported, fault: LineFault) -> Imported:
    told = (*done.faults, fault)[:MOST_FAULTS]
    return replace(done, faulty=done.faulty + 1, faults=told)


def _take(db: Database, line: Line, asked: Question) -> bool:
    """Add the memory of a line, unless one says the same; say whether it was added."""
    source = Source(
        line.repository,
        is_global=line.is_global,
        commit=line.commit,
        origin_task_id=line.task_id,
        origin_agent_id=line.agent_id,
        created_at=line.created_at,
    )
    with db.transaction() as session:
        memory, joined = save(session, line.order, source, asked)
        for other in line.also:
            join(memory, other)
    return not joined
