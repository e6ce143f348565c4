"""The screen of a program without a reader of its own: the scripted one, and configured ones."""

import re
from typing import Final

from hephaestus_core.guardian.screens.screen import Screen, State, bottom, choices

_MARK: Final = re.compile(r"^\[(?P<mark>[a-z-]{1,20})\]")


def read(text: str) -> Screen:
    """Read the screen: the marks of the scripted agent, or choices at its end.

    A program with marks says by them what it does, so a dialog below them is only printed.
    """
    lines = bottom(text)
    marks = [found["mark"] for found in map(_MARK.match, lines) if found]
    if not marks and (dialog := choices(lines)):
        return Screen(State.ASKS, dialog, said="\n".join(lines))
    state = None
    if marks:
        state = State.IDLE if marks[-1] == "idle" else State.BUSY
    return Screen(state, said="\n".join(lines))
