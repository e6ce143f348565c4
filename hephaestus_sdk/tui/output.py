"""The end of an agent's output, and the changes of its work, as text for the right side."""

import re
from typing import Final

from rich.text import Text

from hephaestus_core.contract.texts import plain
from hephaestus_sdk.api.change_views import Diff
from hephaestus_sdk.client import HephaestusClient

#: Bytes of the end of an output that are kept.
_TAIL: Final = 32_768
_LINES_OF_PATCH: Final = 3000
_MOVES: Final = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[()][0-9A-B]|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]"
)
_PATCH_STYLES: Final = (
    ("+++", "bold"),
    ("---", "bold"),
    ("diff ", "bold"),
    ("@@", "cyan"),
    ("+", "green"),
    ("-", "red"),
)


class Tail:
    """The end of the output of one agent; each reading brings what is new, within bounds."""

    def __init__(self, client: HephaestusClient, agent_id: str) -> None:
        self._client = client
        self._agent_id = agent_id
        self._offset: int | None = None
        self._text = ""

    def read(self) -> str:
        """Return the end of the output so far, by few requests."""
        if self._offset is None:
            self._offset = self._near_end()
        part = self._client.agent_output(self._agent_id, offset=self._offset)
        self._offset = part.next_offset
        self._text = (self._text + part.text)[-_TAIL:]
        return self._text

    def _near_end(self) -> int:
        """Return a place from which about the last bytes of the output follow."""
        low, high = 0, _TAIL
        while self._is_there(high):
            low, high = high, high * 2
        while high - low > _TAIL:
            middle = (low + high) // 2
            low, high = (middle, high) if self._is_there(middle) else (low, middle)
        return max(0, low - _TAIL // 2)

    def _is_there(self, offset: int) -> bool:
        return bool(self._client.agent_output(self._agent_id, offset=offset, limit=4).text)


def screen(text: str) -> Text:
    """Return output of a terminal with its colours, and without anything else that one obeys."""
    shown = Text.from_ansi(_MOVES.sub("", text.replace("\r\n", "\n")))
    return shown if "\x1b" not in shown.plain else Text(plain(shown.plain))


def patch(diff: Diff) -> Text:
    """Return a diff with coloured lines; says where there is none, or more of it."""
    if diff.commit is None:
        return Text("No work was saved yet.", style="dim")
    text = Text(f"{diff.files} files, +{diff.insertions} −{diff.deletions}\n\n", style="bold")
    lines = diff.patch.splitlines()
    for line in lines[:_LINES_OF_PATCH]:
        style = next((style for begin, style in _PATCH_STYLES if line.startswith(begin)), "")
        text.append(f"{plain(line)}\n", style)
    if diff.truncated or len(lines) > _LINES_OF_PATCH:
        text.append("… cut off: `hephaestus diff` has more", "dim")
    return text
