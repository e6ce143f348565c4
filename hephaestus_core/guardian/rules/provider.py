"""Rules about errors of the program's provider."""

from hephaestus_core.guardian.observation import Act, Label, Look
from hephaestus_core.guardian.rules.comparing import differ
from hephaestus_core.guardian.rules.situation import Finding, Situation, lines
from hephaestus_core.guardian.screens.faults import Fault, kind

_ROW = 2


def context_full(situation: Situation) -> Finding | None:
    """Find a conversation that does not fit any more."""
    if kind(situation.screen.error) is not Fault.CONTEXT:
        return None
    if situation.screen.weak and _calls_go_on(situation):
        return None
    return Finding(Label.CONTEXT_FULL, Act.RENEW, lines(situation.screen.error))


def limited(situation: Situation) -> Finding | None:
    """Find a rate limit, a used-up quota or an overload, also while the program tries on."""
    if kind(situation.screen.error) is not Fault.LIMIT:
        return None
    until = situation.last.limited_until
    return Finding(Label.LIMITED, Act.PARK, lines(situation.screen.error), until=until)


def key_refused(situation: Situation) -> Finding | None:
    """Find a key or login that the provider refuses, also while the program tries on."""
    if kind(situation.screen.error) is not Fault.KEY:
        return None
    return Finding(Label.FAILING, Act.NEXT_PROGRAM, lines(situation.screen.error))


def provider_fails(situation: Situation) -> Finding | None:
    """Find any other error of the provider: one that ended the turn, or that stays."""
    screen = situation.screen
    if not screen.error:
        return None
    failing = situation.row(lambda look: _fails(situation, look))
    if screen.retries and len(failing) < _ROW:
        return None
    lasts = situation.lasts(situation.since.error)
    act = Act.NEXT_PROGRAM if lasts >= situation.limits.silence else Act.TELL
    return Finding(Label.FAILING, act, lines(screen.error))


def _fails(situation: Situation, look: Look) -> bool:
    return bool(situation.screen_of(look).error)


def _calls_go_on(situation: Situation) -> bool:
    before = situation.history[-2:]
    return len(before) == 1 or differ(before[0], before[1], "tool_calls")
