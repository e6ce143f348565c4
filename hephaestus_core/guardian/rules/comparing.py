"""What looks show, and what has changed between two of them."""

from typing import Final

from hephaestus_core.guardian.observation import Look, Signal
from hephaestus_core.guardian.screens.actions import actions
from hephaestus_core.guardian.screens.reading import KNOWN, read
from hephaestus_core.guardian.screens.screen import Screen, State

_STATES: Final = {Signal.BUSY: State.BUSY, Signal.IDLE: State.IDLE, Signal.ASKS: State.ASKS}


def screen_of(look: Look, program: str) -> Screen:
    """Return the reading of the look's screen; an empty one if it was not seen."""
    return read(program, look.screen) if look.screen is not None else Screen()


def state_of(look: Look, program: str) -> State | None:
    """Return the program's state; its own signal counts before its screen."""
    return _STATES[look.signal] if look.signal else screen_of(look, program).state


def command_of(look: Look, program: str) -> str:
    """Return the command that runs; empty: none does."""
    if look.tool_running is not None:
        return (look.last_tool or "a command") if look.tool_running else ""
    screen = screen_of(look, program)
    return screen.command if state_of(look, program) is State.BUSY else ""


def has_begun(look: Look, program: str) -> bool:
    """Whether the program has begun with its prompt, as far as the look tells."""
    if look.tool_calls or look.output_tokens or look.turns:
        return True
    if look.screen is None or look.signal is not None:
        return True  # Nothing is known, or its hooks have spoken.
    if not look.screen.strip():
        return False
    state = state_of(look, program)
    if state or program not in KNOWN:
        return state is not State.EMPTY
    return bool(actions(program, look.screen))


def differ(earlier: Look, later: Look, name: str) -> bool:
    """Whether both looks know the fact, and it is another one."""
    before, after = getattr(earlier, name), getattr(later, name)
    return before is not None and after is not None and before != after


def changed(earlier: Look, later: Look) -> bool:
    """Whether the worktree is known to be another one."""
    return any(
        differ(earlier, later, name) for name in ("changed_files", "commits", "worktree_digest")
    )


def same_call(earlier: Look, later: Look) -> bool:
    """Whether the looks saw the same call; a program that polls its command counts each poll."""
    if earlier.last_tool is not None and later.last_tool is not None:
        return earlier.last_tool == later.last_tool
    return not differ(earlier, later, "tool_calls") and not changed(earlier, later)


def moved(earlier: Look, later: Look, program: str) -> bool:
    """Whether a call, token, change on disk or new words lie between two looks."""
    facts = ("tool_calls", "input_tokens", "output_tokens", "turns")
    if any(differ(earlier, later, name) for name in facts) or changed(earlier, later):
        return True
    before, after = screen_of(earlier, program), screen_of(later, program)
    # A message changes the screen of a program that hangs as well.
    own = before.said != after.said and not differ(earlier, later, "typed")
    return own or before.streamed != after.streamed
