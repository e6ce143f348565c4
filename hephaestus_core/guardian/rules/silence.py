"""Rules about programs on which nothing moves."""

from hephaestus_core.guardian.observation import Act, Label
from hephaestus_core.guardian.rules.comparing import command_of
from hephaestus_core.guardian.rules.situation import Finding, Situation, lines
from hephaestus_core.guardian.screens.screen import State

_SAME_SCREENS = 4
_LONG = 25
_ANIMATED = frozenset({"claude", "codex", "opencode"})


def frozen(situation: Situation) -> Finding | None:
    """Find a program whose own clock or animation stands still: it is stopped, whatever runs."""
    if situation.state is not State.BUSY:
        return None
    timer, screen, since = situation.screen.timer, situation.last.screen, situation.since
    same = situation.row(lambda look: look.screen == screen)
    stands, unmoved = (situation.lasts(each) for each in (since.timer, since.picture))
    by_clock = timer is not None and stands >= situation.limits.frozen
    by_picture = (
        screen is not None
        and situation.program in _ANIMATED
        and len(same) >= _SAME_SCREENS
        and unmoved >= situation.limits.frozen
    )
    if not by_clock and not by_picture:
        return None
    lasts = max(stands if by_clock else 0.0, unmoved if by_picture else 0.0)
    # A silent command changes nothing but an animation, whose pictures may be equal by chance.
    quiet = not by_clock and bool(command_of(situation.last, situation.program))
    act = _act(situation, ends=lasts >= situation.limits.silence and not quiet)
    return Finding(Label.HUNG, act, (f"its own screen has stood still for {lasts:.0f} s",))


def long_command(situation: Situation) -> Finding | None:
    """Find a command that runs for long; that is fine up to a limit."""
    command = command_of(situation.last, situation.program)
    if not command:
        return None
    lasts = situation.lasts(situation.since.command)
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
    act = _act(situation, ends=situation.silence >= situation.limits.silence_kill)
    return Finding(Label.HUNG, act, (f"nothing has moved for {situation.silence:.0f} s",))


def _act(situation: Situation, *, ends: bool) -> Act:
    """Return a restart if it is time; what is too young to be ended is told all the same."""
    old = situation.age >= situation.limits.minimum_age
    return Act.RESTART if ends and old else Act.TELL
