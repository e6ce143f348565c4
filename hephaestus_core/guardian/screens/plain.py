"""The screen of a program without a reader of its own: the scripted one, and configured ones."""

import re
from typing import Final

from hephaestus_core.guardian.screens.screen import Screen, State, bottom, choices

_MARK: Final = re.compile(r"^\[(?P<mark>[a-z-]{1,20})\]")


def read(text: str) -> Screen:
    """Read the screen: choices at its end, or the marks of the scripted agent."""
    lines = bottom(text)
    if dialog := choices(lines):
        return Screen(State.ASKS, dialog, said="\n".join(lines))
    marks = [found["mark"] for found in map(_MARK.match, lines) if found]
    state = None
    if marks:
        state = State.IDLE if marks[-1] == "idle" else State.BUSY
    return Screen(state, said="\n".join(lines))
