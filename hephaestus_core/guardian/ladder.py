"""The ladder of acts on an agent that does not get on: pure functions, ``now`` passed in."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hephaestus_core.contract.statuses import InterventionAction as Do
from hephaestus_core.contract.statuses import InterventionEffect as Effect
from hephaestus_core.guardian.observation import KILLS, Act, Label, Verdict


@dataclass(frozen=True)
class Bounds:
    """Bounds of what is done to the agents of a task until a person looks at it."""

    restarts: int = 3
    """Restarts in all their kinds."""
    interventions: int = 12
    """Acts of any kind."""
    patience: float = 30
    """Seconds that an act is given to show its effect."""
    minimum_age: float = 60
    """Seconds of an attempt before which nothing ends it or its turn."""


@dataclass(frozen=True)
class Past:
    """An earlier act at the same task."""

    attempt: int
    cause: str
    action: Do
    sent_at: datetime
    effect: Effect | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True)
class Attempt:
    """What the ladder needs to know of the attempt."""

    number: int
    age: float
    """Seconds since its program had the prompt."""
    programs_left: int = 0
    """Programs of the chain after this one."""
    acted_at: datetime | None = None
    """When its last action began; None: its program does not tell."""
    interruptible: bool = True
    """Its program's turn can be ended by keys."""


#: Labels of agents that get on.
HEALTHY: Final = frozenset({Label.WORKING, Label.LONG_COMMAND})
#: Rules about the limits of an attempt, which bind those who get on too.
_OF_LIMITS: Final = frozenset({"over_limits", "near_limits"})
#: Labels with rungs of messages. Who waits at its prompt is reminded, who asks is answered.
_STEERED: Final = frozenset({Label.LOOPING, Label.FAILING, Label.HUNG})
#: Labels whose cause shows again only with the agent's next action.
_BY_ACTIONS: Final = frozenset({Label.LOOPING, Label.FAILING})
#: As long an agent is given that has not acted since, in multiples of the patience.
_LONGEST_PATIENCE: Final = 10
_MESSAGES: Final = (Do.STEER, Do.STEER_OTHERWISE)
_RESTARTS: Final = (Do.RESTART, Do.RENEW, Do.NEXT_PROGRAM, Do.RETRY)
_COUNTED: Final = frozenset({Do.RESTART, Do.RENEW, Do.RETRY})
#: Acts that end the program or its turn.
ENDING: Final = frozenset({Do.INTERRUPT, *_RESTARTS, Do.WAIT, Do.PARK})
#: What the verdict names itself, without messages before it.
_AT_ONCE: Final = {
    Act.RENEW: Do.RENEW,
    Act.NEXT_PROGRAM: Do.NEXT_PROGRAM,
    Act.RETRY: Do.RETRY,
}


def next_action(
    verdict: Verdict, past: Sequence[Past], attempt: Attempt, bounds: Bounds
) -> Do | None:
    """Return the next act on an attempt; None: leave it alone, or wait for the effect of the last.

    Gentle acts come first, each once until there was headway. Restarts are counted for the whole
    task, and after the last one a person decides; what comes then begins anew.

    Args:
        past: the earlier acts at the task, oldest first.
    """
    if any(_is_open(one, attempt) for one in past):
        return None
    past = past[_after_last(past, lambda one: one.action == Do.PARK) :]
    wanted = _wanted(verdict, past, attempt, bounds)
    if wanted in ENDING and not _may_end(verdict, attempt, bounds):
        return None
    return wanted


def found_effect(
    one: Past, verdict: Verdict | None, attempt: Attempt, bounds: Bounds, now: datetime
) -> Effect | None:
    """Return the effect of an act that is not known yet, as the newest look shows it.

    None: it is too early to tell, or nothing is known. Whether an agent drifts is not for rules.
    """
    if one.attempt != attempt.number:
        return Effect.ENDED
    waited = now - one.sent_at
    patience = timedelta(seconds=bounds.patience)
    if verdict is None or one.cause == Label.DRIFTING or waited < patience:
        return None
    if verdict.label in HEALTHY:
        return Effect.HEADWAY
    if verdict.label == Label.UNKNOWN:
        return None
    has_acted = attempt.acted_at is None or attempt.acted_at > (one.delivered_at or one.sent_at)
    if verdict.label in _BY_ACTIONS and one.cause == verdict.label and not has_acted:
        # What it did before the message still shows. If it never acts again, it is judged hung.
        return Effect.NONE if waited > patience * _LONGEST_PATIENCE else None
    return Effect.NONE


def asks_for_an_act(verdict: Verdict) -> bool:
    """Whether something is to be done about an agent, as far as its verdict alone tells."""
    return verdict.act != Act.LEAVE and (verdict.label not in HEALTHY or verdict.rule in _OF_LIMITS)


def _wanted(verdict: Verdict, past: Sequence[Past], attempt: Attempt, bounds: Bounds) -> Do | None:
    if verdict.rule in _OF_LIMITS:
        return _within_limits(verdict, past, attempt)
    if verdict.label == Label.LIMITED:
        return Do.WAIT if verdict.act == Act.PARK else None
    if not _is_acted_on(verdict):
        return None
    if len(past) >= bounds.interventions:
        return Do.PARK
    if verdict.act in _AT_ONCE:
        return _named(_AT_ONCE[verdict.act], past, bounds)
    return _climbing(verdict, past, attempt, bounds)


def _within_limits(verdict: Verdict, past: Sequence[Past], attempt: Attempt) -> Do | None:
    """Tell an attempt once that its limits are near; a person decides when it is over one."""
    if verdict.act == Act.PARK:
        return Do.PARK
    told = any(one.attempt == attempt.number and one.cause == verdict.label for one in past)
    return Do.STEER if verdict.act == Act.STEER and not told else None


def _is_open(one: Past, attempt: Attempt) -> bool:
    """Whether the effect of an act on this attempt is still to be seen by rules."""
    return one.attempt == attempt.number and one.effect is None and one.cause != Label.DRIFTING


def _is_acted_on(verdict: Verdict) -> bool:
    if verdict.act in _AT_ONCE:
        return True
    if verdict.label == Label.FAILING and verdict.act == Act.TELL:
        return False  # Its provider fails, which no message ends.
    return verdict.label in _STEERED and verdict.act not in {Act.LEAVE, Act.ASK, Act.PARK}


def _named(named: Do, past: Sequence[Past], bounds: Bounds) -> Do:
    """Return the act that the verdict names, or the one in its place."""
    if named == Do.NEXT_PROGRAM:
        # Without another program, the attempt ends by the same failure.
        return named
    return named if _restarts(past) < bounds.restarts else Do.PARK


def _climbing(
    verdict: Verdict, past: Sequence[Past], attempt: Attempt, bounds: Bounds
) -> Do | None:
    recent = past[_after_last(past, lambda one: one.effect == Effect.HEADWAY) :]
    tried = {
        one.action for one in recent if one.cause == verdict.label and one.attempt == attempt.number
    }
    for message in _MESSAGES:
        if message not in tried:
            return message
    if verdict.act == Act.TELL:
        return None
    if Do.INTERRUPT not in tried and attempt.interruptible:
        return Do.INTERRUPT
    return _restart(past, attempt, bounds)


def _restart(past: Sequence[Past], attempt: Attempt, bounds: Bounds) -> Do:
    """Return the next kind of restart of the task; a person decides after the last one."""
    if _restarts(past) >= bounds.restarts:
        return Do.PARK
    used = {one.action for one in past}
    left = [each for each in _RESTARTS if each not in used]
    if not attempt.programs_left:
        left = [each for each in left if each != Do.NEXT_PROGRAM]
    return left[0] if left else Do.PARK


def _may_end(verdict: Verdict, attempt: Attempt, bounds: Bounds) -> bool:
    """Whether two looks agree, and the attempt is old enough; a kill of the rules is both."""
    confirmed = verdict.act in KILLS
    return confirmed or (verdict.looks >= 2 and attempt.age >= bounds.minimum_age)  # noqa: PLR2004


def _restarts(past: Collection[Past]) -> int:
    return sum(one.action in _COUNTED for one in past)


def _after_last(past: Sequence[Past], holds: Callable[[Past], bool]) -> int:
    """Return the index after the last act for which this holds; 0 if there is none."""
    return next((len(past) - n for n, one in enumerate(reversed(past)) if holds(one)), 0)
