"""Rules about programs on which nothing moves."""

from hephaestus_core.guardian.observation import Act, Label, Look
from hephaestus_core.guardian.rules.situation import Finding, Situation, changed, differ, lines
from hephaestus_core.guardian.screens.screen import State

_SAME_SCREENS = 4
_LONG = 25
_ANIMATED = frozenset({"claude", "codex", "opencode"})


def frozen(situation: Situation) -> Finding | None:
    """Find a program whose own clock or animation stands still: it is stopped, whatever runs."""
    if situation.state is not State.BUSY:
        return None
    timer, screen = situation.screen.timer, situation.last.screen
    same = situation.row(lambda look: look.screen == screen)
    stands = situation.lasts(lambda look: situation.screen_of(look).timer == timer)
    by_clock = timer is not None and stands >= situation.limits.frozen
    by_picture = (
        screen is not None
        and situation.program in _ANIMATED
        and len(same) >= _SAME_SCREENS
        and situation.last.at - same[0].at >= situation.limits.frozen
    )
    if not by_clock and not by_picture:
        return None
    lasts = max(stands if by_clock else 0.0, situation.last.at - same[0].at if by_picture else 0.0)
    act = Act.RESTART if lasts >= situation.limits.silence else Act.TELL
    return Finding(Label.HUNG, act, (f"its own screen has stood still for {lasts:.0f} s",))


def long_command(situation: Situation) -> Finding | None:
    """Find a command that runs for long; that is fine up to a limit."""
    command = _command(situation, situation.last)
    if not command:
        return None
    lasts = situation.lasts(
        lambda look: bool(_command(situation, look)) and _same_call(look, situation.last)
    )
    lasts = max(lasts, float(situation.screen.command_seconds or 0))
    if lasts < _LONG:
        return None
    if lasts > situation.limits.command:
        return Finding(Label.HUNG, Act.TELL, lines(f"one command for {lasts:.0f} s", command))
    return Finding(Label.LONG_COMMAND, Act.LEAVE, lines(command, f"for {lasts:.0f} s"))


def hung(situation: Situation) -> Finding | None:
    """Find a busy program without call, token, word and change on disk."""
    if situation.state in {State.IDLE, State.ASKS} or situation.silence < situation.limits.silence:
        return None
    if situation.last.screen is None and situation.last.tool_calls is None:
        return None
    act = Act.RESTART if situation.silence >= situation.limits.silence_kill else Act.TELL
    return Finding(Label.HUNG, act, (f"nothing has moved for {situation.silence:.0f} s",))


def _command(situation: Situation, look: Look) -> str:
    if look.tool_running is not None:
        return (look.last_tool or "a command") if look.tool_running else ""
    screen = situation.screen_of(look)
    return screen.command if situation.state_of(look) is State.BUSY else ""


def _same_call(look: Look, last: Look) -> bool:
    """Whether the looks saw the same call; a program that polls its command counts each poll."""
    if look.last_tool is not None and last.last_tool is not None:
        return look.last_tool == last.last_tool
    return not differ(look, last, "tool_calls") and not changed(look, last)
