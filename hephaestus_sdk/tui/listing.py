"""The list on the left: glyph, title and age, and on a wide terminal how each thing stands."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import DataTable

from hephaestus_core.contract.signs import Sign
from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.tui.rows import Row, age

#: Cells from which on there is room for a word.
_WIDE: Final = 52
_GLYPH, _STATE, _AGE = 1, 16, 4
#: Columns where there is none.
_NARROW: Final = 3
#: A cell of space on both sides of a column.
_PADDING: Final = 2
_SCROLL_BAR: Final = 1
#: What an empty list means, by its noun.
_EMPTY: Final = {
    "inbox": "Nothing waits for you, and nothing stands still.",
    "workflows": "Nothing has been launched yet: n launches a workflow.",
    "tasks": "No task yet: n launches a workflow.",
    "agents": "No agent is live now.",
    "queue": "Nothing waits to start.",
}
STYLES: Final = {
    Sign.WAITS_FOR_YOU: "yellow",
    Sign.STANDS_STILL: "red",
    Sign.AT_WORK: "cyan",
    Sign.WAITS_ITS_TURN: "dim",
    Sign.DONE: "green",
    Sign.FAILED: "red",
    Sign.STOPPED: "dim",
}


class Listing(DataTable[Text]):
    """A list of one kind of thing; its cursor stays on its thing, wherever that moves."""

    class Changed(Message):
        """Another thing is under the cursor."""

    def __init__(self, noun: str) -> None:
        super().__init__(id=noun, cursor_type="row", show_header=False)
        self.filter = ""
        """Only rows with this text are shown."""
        self._all: list[Row] = []
        self._shown: list[Row] = []
        self._told: str | None = None

    @property
    def chosen(self) -> Row | None:
        """The thing under the cursor."""
        if 0 <= self.cursor_row < len(self._shown):
            return self._shown[self.cursor_row]
        return None

    @property
    def nothing(self) -> str:
        """What is said where nothing is chosen."""
        if self.filter and self._all:
            return f"Nothing here has “{first_line(self.filter, 40)}” in it: Esc shows all again."
        return _EMPTY.get(self.id or "", "")

    def show(self, rows: Iterable[Row]) -> None:
        """Replace the rows."""
        self._all = list(rows)
        self.fill()

    def narrow(self, wanted: str) -> None:
        """Show only rows with a text."""
        self.filter = wanted
        self.fill()

    def fill(self) -> None:
        """Lay the rows out for the present width and time."""
        before, place = self.chosen, self.cursor_row
        self._shown = [row for row in self._all if row.has(self.filter)]
        self.clear(columns=True)
        state = _STATE if self.size.width >= _WIDE else 0
        widths = [_GLYPH, self._room(state), *([state] if state else []), _AGE]
        for width in widths:
            self.add_column("", width=width)
        now = datetime.now(UTC)
        for row in self._shown:
            self.add_row(*_cells(row, widths, now), key=row.key)
        keys = [row.key for row in self._shown]
        at = keys.index(before.key) if before and before.key in keys else place
        if keys:
            self.move_cursor(row=min(max(at, 0), len(keys) - 1))
        self._tell()

    def on_resize(self, _event: events.Resize) -> None:
        """Lay out anew."""
        self.fill()

    def on_data_table_row_highlighted(self) -> None:
        """Tell that the cursor was moved."""
        self._tell()

    def _tell(self) -> None:
        chosen = self.chosen.key if self.chosen else None
        if chosen != self._told:
            self._told = chosen
            self.post_message(self.Changed())

    def _room(self, state: int) -> int:
        columns = _NARROW + bool(state)
        taken = _GLYPH + state + _AGE + columns * _PADDING + _SCROLL_BAR
        return max(8, self.size.width - taken)


def _cells(row: Row, widths: list[int], now: datetime) -> list[Text]:
    style = STYLES[row.sign]
    title = Text(first_line(row.title, widths[1]))
    state = [Text(first_line(row.state, _STATE), style="dim")] if len(widths) > _NARROW else []
    passed = Text(f"{age(row.since, now):>{_AGE}}", style="dim")
    return [Text(row.sign.glyph, style=style), title, *state, passed]
