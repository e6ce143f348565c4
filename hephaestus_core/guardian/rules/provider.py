"""Rules about errors of the program's provider."""

from hephaestus_core.guardian.observation import Act, Label, Look
from hephaestus_core.guardian.rules.comparing import differ
from hephaestus_core.guardian.rules.situation import Finding, Situation, lines
from hephaestus_core.guardian.screens.faults import Fault, kind

_ROW = 2


def context_full(situation: Situation) -> Finding | None:
    """Find a conversation that does not fit any more."""
    error = _error(situation)
    if kind(error) is not Fault.CONTEXT:
        return None
    return Finding(Label.CONTEXT_FULL, Act.RENEW, lines(error))


def limited(situation: Situation) -> Finding | None:
    """Find a rate limit, a used-up quota or an overload, also while the program tries on."""
    error = _error(situation)
    if kind(error) is not Fault.LIMIT:
        return None
    until = situation.last.limited_until
    return Finding(Label.LIMITED, Act.PARK, lines(error), until=until)


def key_refused(situation: Situation) -> Finding | None:
    """Find a key or login that the provider refuses, also while the program tries on."""
    error = _error(situation)
    if kind(error) is not Fault.KEY:
        return None
    return Finding(Label.FAILING, Act.NEXT_PROGRAM, lines(error))


def provider_fails(situation: Situation) -> Finding | None:
    """Find any other error of the provider: one that ended the turn, or that stays."""
    screen, error = situation.screen, _error(situation)
    if not error or _has_not_begun(situation):
        return None
    failing = situation.row(lambda look: _fails(situation, look))
    if screen.retries and len(failing) < _ROW:
        return None
    lasts = situation.lasts(situation.since.error)
    act = Act.NEXT_PROGRAM if lasts >= situation.limits.silence else Act.TELL
    return Finding(Label.FAILING, act, lines(error))


def _error(situation: Situation) -> str:
    """Return the error on the newest screen; "" for one that the agent itself may have printed."""
    screen = situation.screen
    printed = screen.weak and (_calls_go_on(situation) or (screen.retries and _stands(situation)))
    return "" if printed else screen.error


def _stands(situation: Situation) -> bool:
    """Whether an error is word for word that of the look before: retries count."""
    shown = [situation.screen_of(look).error for look in situation.history[-2:]]
    return len(set(shown)) < len(shown)


def _has_not_begun(situation: Situation) -> bool:
    """Whether the program has broken off before it drew its screen for the first time."""
    return situation.state is None and not situation.since.begun


def _fails(situation: Situation, look: Look) -> bool:
    return bool(situation.screen_of(look).error)


def _calls_go_on(situation: Situation) -> bool:
    before = situation.history[-2:]
    return len(before) == 1 or differ(before[0], before[1], "tool_calls")
