"""Tables: aligned to the width of a terminal, else one line per row with tabs between the cells."""

import re
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import click

from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.cli.terminal import show_styled, status_style

#: Columns of a terminal below which a table leaves out what its reader needs least.
_WIDE: Final = 110
#: Never cut: half a status is none, and of an id the beginning is needed.
_WHOLE: Final = frozenset({"id", "agent", "status", "condition"})
#: Characters that any other column keeps.
_LEAST: Final = 5
#: What a list says that is empty.
NONE: Final = "there are none"
_GAP: Final = "  "
#: Columns that say where a thing stands, in colour.
_STATUSES: Final = frozenset({"status", "condition", "delivery"})
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def show_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    spare: Collection[str] = (),
    none: str = "",
) -> None:
    """Print a table.

    Args:
        columns: their headings.
        rows: values, one per column.
        spare: columns that a narrow terminal does not show.
        none: what people are told if there is no row, in place of an empty table; scripts read
            standard output, where it does not stand.
    """
    if none and not rows:
        click.echo(none, err=True)
        return
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(map(cell, row)))
        return
    head, *lines = _laid_out(columns, rows, shutil.get_terminal_size().columns, spare)
    show_styled([("".join(text for _, text in head).rstrip(), "bold")])
    for line in lines:
        show_styled([(text, _style(name, text)) for name, text in line])


def table_lines(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    width: int,
    *,
    spare: Collection[str] = (),
) -> Iterator[str]:
    """Yield the lines of a table for a terminal, its headings first."""
    for line in _laid_out(columns, rows, width, spare):
        yield "".join(text for _, text in line).rstrip()


def _laid_out(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], width: int, spare: Collection[str]
) -> Iterator[list[tuple[str, str]]]:
    """Yield the cells of each line, headings first: the name of the column and the fitted text."""
    shown = [n for n, column in enumerate(columns) if width >= _WIDE or column not in spare]
    names = [columns[n] for n in shown]
    texts = [names, *([_short(row[n]) for n in shown] for row in rows)]
    widths = _widths(names, texts, width)
    for line in texts:
        cells = (_fitted(text, size) for text, size in zip(line, widths, strict=True))
        # Each but the first begins with the gap, so that no line is wider than the terminal.
        spaced = (f"{_GAP if n else ''}{text}" for n, text in enumerate(cells))
        yield list(zip(names, spaced, strict=True))


def _style(column: str, text: str) -> str:
    return status_style(text.strip()) if column in _STATUSES else ""


def cell(value: Any, limit: int = 72) -> str:
    """Return a value as one line of text that no terminal obeys, None as nothing."""
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else first_line(str(value), limit)


def _short(value: Any) -> str:
    if isinstance(value, datetime):
        at, now = value.astimezone(), datetime.now().astimezone()
        if at.date() == now.date():
            return f"{at:%H:%M}"
        return f"{at:%m-%d %H:%M}" if at.year == now.year else f"{at:%Y-%m-%d}"
    text = cell(value)
    return text[:8] if _ID.fullmatch(text) else text


def _widths(names: Sequence[str], texts: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the width of each column, taking from the widest that may be cut until all fit."""
    from rich.cells import cell_len  # put off: scripts need no terminal library

    widths = [max(map(cell_len, column)) for column in zip(*texts, strict=True)]
    room = width - len(_GAP) * (len(names) - 1)
    may_be_cut = [n for n, name in enumerate(names) if name not in _WHOLE]
    while sum(widths) > room and may_be_cut:
        widest = max(may_be_cut, key=lambda n: widths[n])
        if widths[widest] <= _LEAST:
            break
        widths[widest] -= 1
    return widths


def _fitted(text: str, size: int) -> str:
    from rich.cells import cell_len, set_cell_size

    return (
        set_cell_size(text, size) if cell_len(text) <= size else f"{set_cell_size(text, size - 1)}…"
    )
