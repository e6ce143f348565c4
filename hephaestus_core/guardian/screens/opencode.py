"""The screen of OpenCode: an input box with an edge below, footer under it, a column beside it."""

import re
from typing import Final

from hephaestus_core.guardian.screens.screen import Screen, State, bottom

_EDGE: Final = re.compile(r"^ {1,4}╹▀+")
_BUSY: Final = re.compile(r"\besc (?:again to )?interrupt\b")
_RETRIES: Final = re.compile(r" \[retrying\b")
_TURN: Final = re.compile(r"^ {3,6}▣ ")
_TURN_OVER: Final = re.compile(r"^ {3,6}▣ .{0,200}·.{0,60}\d(?:ms|s|m|h)\s*$")
_COMPACTED: Final = re.compile(r"^ {3,6}▣ +Compaction\b")
_COMPACTIONS: Final = 3
_LONGEST_ERROR: Final = 8
_DIALOG: Final = ("△ Permission required", "Allow once", "Allow always")
_ASKS: Final = re.compile(r"(?:↑↓|enter) (?:select|confirm|submit|toggle)")
_RUNNING: Final = re.compile(r"^ {2}┃ {2}[⠀-⣿] \S")
_BOX: Final = "  ┃"
_ERROR: Final = re.compile(r"^ {2,6}┃")


def read(text: str) -> Screen:
    """Read the screen."""
    lines = bottom(text)
    edge = next((n for n in reversed(range(len(lines))) if _EDGE.match(lines[n])), None)
    if dialog := _dialog(lines, edge):
        return Screen(State.ASKS, dialog)
    if edge is None:
        return Screen(State.EMPTY if "Ask anything" in text else None, said="\n".join(lines[:40]))
    found = _EDGE.match(lines[edge])
    width = found.end() if found else 0
    shown = [line[:width].rstrip() for line in lines[: _top(lines, edge)]]
    said, fault = [line for line in shown if line], _error(shown)
    footer = "\n".join(lines[edge + 1 :])
    busy, retried = bool(_BUSY.search(footer)), _RETRIES.search(footer)
    error = footer[: retried.start()].strip("■⬝ \n") if retried else "" if busy else fault
    compacted = sum(1 for line in said if _COMPACTED.match(line))
    weak = not retried and compacted >= _COMPACTIONS
    if weak:
        error = "It compacts again and again: its conversation does not fit the context window."
    return Screen(
        State.BUSY if busy else _still(said, fault),
        error=error,
        weak=weak,
        retries=bool(retried),
        command=_command(said) if busy and not retried else "",
        said="\n".join(said),
        queued=any(line.endswith(" QUEUED") for line in said[-20:]),
        mcp_failed="SSE error" in text or "• hephaestus Failed" in text,
    )


def _dialog(lines: list[str], edge: int | None) -> tuple[str, ...]:
    """Return a dialog; it stands in place of the input box."""
    end = [line.strip() for line in lines[-18:] if line.strip()]
    shown = "\n".join(end)
    below = edge is None or len(lines) - edge > 6  # noqa: PLR2004 - the footer has fewer lines
    asked = all(sign in shown for sign in _DIALOG) or bool(_ASKS.search(shown))
    return tuple(end) if below and asked else ()


def _top(lines: list[str], edge: int) -> int:
    top = edge
    while top and lines[top - 1].startswith(_BOX):
        top -= 1
    return top


def _still(said: list[str], fault: str) -> State | None:
    ended = bool(said) and (_TURN.match(said[-1]) or fault)
    return State.IDLE if ended else None


def _error(shown: list[str]) -> str:
    """Return the text of the box at the end of the conversation in which errors stand.

    An empty line parts it from the box of a command above it.
    """
    end = "\n".join("" if _TURN.match(line) else line for line in shown).rstrip().splitlines()
    box: list[str] = []
    for line in reversed(end):
        if not _ERROR.match(line):
            break
        box.append(line.lstrip("┃ ").strip())
    if len(box) > _LONGEST_ERROR:
        return ""  # the output of a command whose beginning has scrolled away
    text = " ".join(part for part in reversed(box) if part)
    return "" if text.startswith(("$", "#")) else text[:600]


def _command(said: list[str]) -> str:
    """Return the command in the box at the end that its own spinner marks as running."""
    end = [line for line in said if not _TURN.match(line)]
    for line in reversed(end[-24:]):
        if not line.startswith(_BOX):
            break
        if _RUNNING.match(line):
            return line.strip(" ┃")
    return ""
