"""Rules about programs that wait at their prompt, or never had one."""

from hephaestus_core.guardian.observation import Act, Label, Look
from hephaestus_core.guardian.rules.situation import Finding, Situation, lines
from hephaestus_core.guardian.screens.reading import KNOWN
from hephaestus_core.guardian.screens.screen import State

_ROW = 2


def never_started(situation: Situation) -> Finding | None:
    """Find a program that is not up, or has not begun with its prompt."""
    if any(_begun(situation, look) for look in situation.history):
        return None
    if situation.age < situation.limits.start:
        return None
    shown = (situation.last.screen or "").rstrip().rpartition("\n")[2]
    return Finding(
        Label.NEVER_STARTED, Act.RETRY, lines(f"{situation.age:.0f} s without a sign", shown)
    )


def waits_for_its_own(situation: Situation) -> Finding | None:
    """Find an agent at its prompt whose own background command runs."""
    if situation.state is not State.IDLE or not situation.screen.background:
        return None
    waiting = situation.lasts(
        lambda look: (
            situation.state_of(look) is State.IDLE and bool(situation.screen_of(look).background)
        )
    )
    if waiting > situation.limits.background:
        return None
    return Finding(Label.LONG_COMMAND, Act.LEAVE, lines(situation.screen.background))


def idle(situation: Situation) -> Finding | None:
    """Find an agent that waits at its prompt with its task unreported."""
    if situation.state is not State.IDLE:
        return None
    row = situation.row(lambda look: situation.state_of(look) is State.IDLE)
    unread = situation.screen.queued or bool(situation.last.queued_messages)
    act = Act.STEER if len(row) >= _ROW and not unread else Act.LEAVE
    return Finding(Label.IDLE, act, ("it waits at its prompt, and its task is not reported",))


def _begun(situation: Situation, look: Look) -> bool:
    if look.tool_calls or look.output_tokens or look.turns:
        return True
    if look.screen is None or look.signal is not None:
        return True  # Nothing is known, or its hooks have spoken.
    if not look.screen.strip():
        return False
    state = situation.state_of(look)
    return state is not State.EMPTY if state or situation.program not in KNOWN else False
