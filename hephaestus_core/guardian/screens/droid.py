"""The screen of Droid: lines of JSON of one turn, or the interactive form that wants a login."""

import re
from typing import Final

from hephaestus_core.guardian.screens.screen import Screen, State, bottom, choices

_EVENT: Final = re.compile(r'\{"type":"(?P<type>[a-z_]{1,30})"')
_LOGIN: Final = re.compile(r"Please login with your|log in to continue|Sign in to")
_COMMAND: Final = re.compile(r'"command":"(?P<command>(?:[^"\\]|\\.){0,200})')
_LISTED: Final = re.compile(r"↑↓? ?(?:to )?navigate|Enter to (?:select|confirm)|Use ↑")
_INPUT: Final = re.compile(r"^ {0,3}(?:│ )?[>❯] {2,}")
_WORKS: Final = re.compile(r"\((?:Press )?ESC to (?:stop|interrupt|cancel)\)", re.IGNORECASE)
_SAID: Final = re.compile(r"^ {0,3}[⛬↳⏺●]")
_FRAME_LINES: Final = 8
_ERROR: Final = re.compile(r"Error during droid execution: .{0,300}")


def read(text: str) -> Screen:
    """Read the screen; a line of JSON is wrapped at the pane's width."""
    lines = bottom(text)
    shown = "\n".join(lines)
    events = list(_EVENT.finditer(shown))
    if not events and _LOGIN.search(shown):
        return Screen(State.ASKS, tuple(line.strip() for line in lines[-12:] if line.strip()))
    if not events:
        return _interactive(lines)
    kind, end = events[-1]["type"], shown[events[-1].start() :].replace("\n", "")
    error = _ERROR.search(end)
    command = _COMMAND.search(end) if kind == "tool_call" else None
    return Screen(
        None if kind == "completion" else State.BUSY,
        error=error.group() if error else end[:300] if kind == "error" else "",
        command=command["command"] if command else "",
        said=shown,
    )


def _interactive(lines: list[str]) -> Screen:
    """Read the interactive form: a list of choices, or an input line with what works above it."""
    end = [line for line in lines if line.strip()][-_FRAME_LINES:]
    dialog = choices(lines)
    if not dialog and any(_LISTED.search(line) for line in end[-3:]):
        dialog = tuple(line.strip(" │") for line in end)
    state = State.ASKS if dialog else None
    if not dialog and any(map(_INPUT.match, end)):
        works = any(_WORKS.search(line) for line in end)
        begun = any(map(_SAID.match, lines))
        state = State.BUSY if works else State.IDLE if begun else State.EMPTY
    return Screen(state, dialog, said="\n".join(lines))
