"""Pasting a message into a running program, and confirming it in the program's own records."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hephaestus_worker.agent_programs.base import is_running
from hephaestus_worker.terminal.tmux import Tmux

READY_SECONDS: Final = 10.0
"""The longest wait for a program to accept input."""
_SHOWN_SECONDS: Final = 3.0
_CONFIRM_SECONDS: Final = 4.0
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True)
class Box:
    """The input box on a program's screen.

    Args:
        takes_input: returns whether a screen shows the box, ready for input.
        shows: returns whether a screen shows a given text in the box.
        after: a text typed after each message. A space helps where Enter right after certain
            words would choose from a list.
    """

    takes_input: Callable[[str], bool]
    shows: Callable[[str, str], bool]
    after: str = ""


def paste(
    tmux: Tmux, session: str, message: str, *, box: Box | None, taken: Callable[[], bool]
) -> bool | None:
    """Paste the message; return whether it is known to have arrived, None if it was not pasted.

    Args:
        tmux: the server of the session.
        session: the program's session.
        message: the exact text that the program is to receive.
        box: the input box that shows the text once it is typed; None if the screen does not show.
        taken: returns whether the program has recorded the message, as said or as queued.
    """
    if not is_running(tmux, session):
        return None
    if box is None:
        tmux.paste(session, message)
    else:
        if not tmux.wait_for(session, box.takes_input, timeout=READY_SECONDS):
            return None
        shown = lambda screen: box.shows(screen, message)  # noqa: E731
        tmux.paste(session, message + box.after, shown=shown, timeout=_SHOWN_SECONDS)
    if comes_true(taken, _CONFIRM_SECONDS):
        return True
    tmux.send_keys(session, "Enter")  # The first Enter may have come too early.
    return comes_true(taken, _CONFIRM_SECONDS)


def comes_true(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll the condition for up to ``seconds``; return whether it came true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
