"""Rules about programs that wait at their prompt, or never had one."""

from hephaestus_core.guardian.observation import Act, Label
from hephaestus_core.guardian.rules.comparing import differ
from hephaestus_core.guardian.rules.situation import Finding, Situation, lines
from hephaestus_core.guardian.screens.screen import State

_ROW = 2


def never_started(situation: Situation) -> Finding | None:
    """Find a program that is not up, or has not begun with its prompt."""
    if situation.since.begun:
        return None
    if situation.age < situation.limits.start:
        return None
    act = Act.RETRY if situation.age >= situation.limits.start_kill else Act.LEAVE
    shown = (situation.last.screen or "").rstrip().rpartition("\n")[2]
    return Finding(Label.NEVER_STARTED, act, lines(f"{situation.age:.0f} s without a sign", shown))


def waits_for_its_own(situation: Situation) -> Finding | None:
    """Find an agent at its prompt whose own background command runs."""
    if situation.state is not State.IDLE or not situation.screen.background:
        return None
    if situation.lasts(situation.since.background) > situation.limits.background:
        return None
    return Finding(Label.LONG_COMMAND, Act.LEAVE, lines(situation.screen.background))


def idle(situation: Situation) -> Finding | None:
    """Find an agent that waits at its prompt with its task unreported."""
    if situation.state is not State.IDLE:
        return None
    row = situation.row(lambda look: situation.state_of(look) is State.IDLE)
    unread = situation.screen.queued or bool(situation.last.queued_messages)
    waits = len(row) >= _ROW and not differ(row[-2], row[-1], "tool_calls")
    act = Act.STEER if waits and not unread else Act.LEAVE
    return Finding(Label.IDLE, act, ("it waits at its prompt, and its task is not reported",))
