"""Since when things are so: carried on from look to look, because few looks are kept."""

from collections.abc import Iterable
from dataclasses import replace

from hephaestus_core.guardian.observation import Look, Since
from hephaestus_core.guardian.rules.comparing import (
    changed,
    command_of,
    has_begun,
    moved,
    same_call,
    screen_of,
    state_of,
)
from hephaestus_core.guardian.screens.screen import State


def followed(before: Look | None, look: Look, program: str) -> Look:
    """Return the look with since when things are so.

    Args:
        before: the look before it; None: it is the first.
    """
    return replace(look, since=since_when(before, look, program))


def all_followed(history: Iterable[Look], program: str) -> list[Look]:
    """Return a history, oldest look first, each with since when things are so."""
    known: list[Look] = []
    for look in history:
        before = known[-1] if known else None
        known.append(look if look.since else followed(before, look, program))
    return known


def since_when(before: Look | None, look: Look, program: str) -> Since:
    """Return since when things are as the look shows them."""
    before = before or look
    was = before.since or _beginning(before.at)
    screen, shown = screen_of(look, program), screen_of(before, program)
    waits = state_of(look, program) is State.IDLE and bool(screen.background)
    calls = None if changed(before, look) else was.calls
    return Since(
        first=was.first,
        moved=look.at if moved(before, look, program) else was.moved,
        picture=was.picture if look.screen == before.screen else look.at,
        timer=was.timer if screen.timer == shown.timer else look.at,
        command=_onward(
            was.command if same_call(before, look) else None,
            look.at,
            holds=bool(command_of(look, program)),
        ),
        background=_onward(was.background, look.at, holds=waits),
        error=_onward(was.error, look.at, holds=bool(screen.error)),
        begun=was.begun or has_begun(look, program),
        calls=look.tool_calls if calls is None else calls,
    )


def _beginning(at: float) -> Since:
    return Since(first=at, moved=at, picture=at, timer=at)


def _onward(was: float | None, now: float, *, holds: bool) -> float | None:
    """Return since when something holds, if it has held since then before."""
    if not holds:
        return None
    return now if was is None else was
