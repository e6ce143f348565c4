"""Giving a running program a message: pasted as a person would, and confirmed where it is noted."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hephaestus_worker.agent_programs.base import is_running
from hephaestus_worker.terminal.tmux import Tmux

READY_SECONDS: Final = 10.0
"""Time that a program gets to take input."""
_SHOWN_SECONDS: Final = 3.0
_CONFIRM_SECONDS: Final = 4.0
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True)
class Box:
    """The place on a program's screen into which people type.

    Args:
        takes_input: whether a screen shows it open.
        shows: whether a screen shows a text in it.
        after: typed after each message; where Enter right after certain words would choose from a
            list, a space.
    """

    takes_input: Callable[[str], bool]
    shows: Callable[[str, str], bool]
    after: str = ""


def paste(
    tmux: Tmux, session: str, message: str, *, box: Box | None, taken: Callable[[], bool]
) -> bool | None:
    """Paste the message; return whether it is known to have arrived, None if it was not pasted.

    Args:
        tmux: where the session is.
        session: of the program.
        message: as the program is to get it.
        box: how the screen tells that it is typed; None: it does not.
        taken: whether the program has noted the message, as said or as queued.
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
    tmux.send_keys(session, "Enter")  # the first may have come too early
    return comes_true(taken, _CONFIRM_SECONDS)


def comes_true(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether the condition came true within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
