"""Small dialogs: yes or no, a line of text, one of several, and the keys."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static

_BOX: Final = """
    {name} {{ align: center middle; }}
    #box {{ width: 90%; max-width: 76; height: auto; max-height: 90%; padding: 1 2;
            border: round $warning; background: $surface; }}
    #box Label {{ width: 100%; }}
"""


class Confirm(ModalScreen[bool]):
    """Asks for confirmation of an act that cannot be undone."""

    CSS: ClassVar[str] = _BOX.format(name="Confirm")
    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "answer(True)", "Yes"),
        ("n,escape", "answer(False)", "No"),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical(id="box"):
            yield Label(Text(f"{self._text}\n\ny: yes · n: no"))

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)


class Ask(ModalScreen[str | None]):
    """Asks for a line of text; None: the person has thought better of it."""

    CSS: ClassVar[str] = _BOX.format(name="Ask")
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Leave")]

    def __init__(self, text: str, *, empty: bool = False) -> None:
        super().__init__()
        self._text = text
        self._empty = empty

    def compose(self) -> ComposeResult:
        """Lay out the question and its field."""
        with Vertical(id="box"):
            yield Label(Text(self._text))
            yield Input()
            yield Label(Text("Enter: do it · Esc: leave", style="dim"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with the text, if there is one."""
        if event.value.strip() or self._empty:
            self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        """Close without a text."""
        self.dismiss(None)


class Choose(ModalScreen[int | None]):
    """Lets one of several be chosen; its answer is the number, from 0."""

    CSS: ClassVar[str] = _BOX.format(name="Choose")
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Leave")]

    def __init__(self, text: str, options: Sequence[str]) -> None:
        super().__init__()
        self._text = text
        self._options = options

    def compose(self) -> ComposeResult:
        """Lay out the options."""
        with Vertical(id="box"):
            yield Label(Text(self._text))
            yield OptionList(*(Text(option) for option in self._options))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Close with the number of the option."""
        self.dismiss(event.option_index)

    def action_leave(self) -> None:
        """Close without one."""
        self.dismiss(None)


class Keys(ModalScreen[None]):
    """Lists the keys; any key closes it."""

    CSS: ClassVar[str] = _BOX.format(name="Keys")

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        lines = "\n".join(f"{key:>8}  {does}" for key, does in self._keys)
        with Vertical(id="box"):
            yield Static(lines, markup=False)

    def on_key(self) -> None:
        """Close."""
        self.dismiss()
