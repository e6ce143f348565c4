"""Rules about actions that repeat. Equal calls with equal results are no headway."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from hephaestus_core.guardian.observation import Act, Label, Look
from hephaestus_core.guardian.rules.comparing import changed
from hephaestus_core.guardian.rules.situation import Finding, Situation, lines
from hephaestus_core.guardian.screens.actions import Action, actions, plain
from hephaestus_core.guardian.screens.screen import bottom

_LONGEST_CIRCLE: Final = 4
_ROUNDS: Final = 3
_ROW: Final = 3
#: Lines at the end of a screen.
_NEWEST: Final = 60
_FAILED: Final = re.compile(
    r"\b(?:error|errors|exception|traceback|failed|failure|fatal|panic)\b|Error\b|command not found"
    r"|No such file|Permission denied|exit(?:ed with)?(?: code| status)?:? [1-9]|cannot |can't |✗",
    re.IGNORECASE,
)
_WAITS: Final = re.compile(r"\bsleep \d|\bwait\b|--watch\b|\bwatch\b|poll", re.IGNORECASE)


def loops(situation: Situation) -> Finding | None:
    """Find calls that repeat with equal results: failing ones, or a circle without headway."""
    circle = _told(situation.last, situation) or _seen(situation) or _kept(situation)
    if not circle:
        return None
    if any(_WAITS.search(action.call) for action in circle):
        return Finding(Label.LONG_COMMAND, Act.LEAVE, lines("it polls", circle[-1].call))
    evidence = lines(*(action.call for action in circle), circle[-1].result)
    unknown = not any(action.result for action in circle)
    fails = _fails_in_words(situation.last.screen or "") if unknown else all(map(_fails, circle))
    label = Label.FAILING if fails else Label.LOOPING
    return Finding(label, Act.STEER, evidence)


def same_error(situation: Situation) -> Finding | None:
    """Find the same error after different attempts, at many looks in a row."""
    errors = [_error(situation, look) for look in situation.history[-situation.limits.repeats :]]
    calls = _calls(situation.history[-situation.limits.repeats :])
    enough = len(errors) >= situation.limits.repeats and calls >= situation.limits.circle
    if not enough or not errors[-1] or len(set(errors)) > 1:
        return None
    return Finding(Label.FAILING, Act.STEER, lines(errors[-1]))


def _told(look: Look, situation: Situation) -> tuple[Action, ...]:
    """Return the call that repeats, as the program's hooks or transcript count it."""
    if look.repeats is None or look.repeats < situation.limits.repeats:
        return ()
    return (Action(look.last_tool or "a call", "error" if look.last_tool_failed else ""),)


def _seen(situation: Situation) -> tuple[Action, ...]:
    """Return the circle at the end of the newest screen's actions."""
    shown = _actions(situation, situation.last)
    for period in range(1, _LONGEST_CIRCLE + 1):
        equal = 0
        while equal + period < len(shown) and shown[-1 - equal] == shown[-1 - equal - period]:
            equal += 1
        rounds = (equal + period) / period
        if rounds >= (situation.limits.repeats if period == 1 else _ROUNDS):
            return shown[-period:]
    return ()


def _kept(situation: Situation) -> tuple[Action, ...]:
    """Return the few actions that screens show again and again, while calls go on."""
    shown = set(_actions(situation, situation.last))
    if not 0 < len(shown) <= _LONGEST_CIRCLE:
        return _named(situation) if not shown else ()
    row = situation.row(
        lambda look: set(_actions(situation, look)) == shown and _still(look, situation)
    )
    needed = situation.limits.repeats if len(shown) == 1 else situation.limits.circle
    calls = len(_actions(situation, row[0])) + _calls(row)
    whole = len(shown) == 1 or len(_actions(situation, situation.last)) > len(shown)
    return tuple(sorted(shown, key=_order)) if whole and calls >= needed else ()


def _named(situation: Situation) -> tuple[Action, ...]:
    """Return the last calls of looks whose screens show none, if they recur."""
    row = situation.row(lambda look: _still(look, situation))
    tools = [plain(look.last_tool) for look in row if look.last_tool]
    recurs = len(set(tools)) < len(tools)
    if len(row) < _ROW or not recurs or _calls(row) < 2 * situation.limits.circle:
        return ()
    return tuple(Action(tool, "") for tool in dict.fromkeys(tools))


def _still(look: Look, situation: Situation) -> bool:
    return not changed(look, situation.last)


def _calls(row: Sequence[Look]) -> int:
    known = [look.tool_calls for look in row if look.tool_calls is not None]
    return known[-1] - known[0] if known else 0


def _actions(situation: Situation, look: Look) -> tuple[Action, ...]:
    return actions(situation.program, look.screen) if look.screen is not None else ()


def _error(situation: Situation, look: Look) -> str:
    """Return the newest failing result on the screen."""
    failed = [action.result for action in _actions(situation, look) if _fails(action)]
    return failed[-1] if failed else ""


def _fails(action: Action) -> bool:
    return bool(_FAILED.search(action.result))


def _fails_in_words(screen: str) -> bool:
    """Whether the screen shows the same line about a failure as often as a circle has rounds.

    The results of calls are not always told apart from what stands below them.
    """
    counts = Counter(plain(line) for line in bottom(screen)[-_NEWEST:] if _FAILED.search(line))
    return any(count >= _ROUNDS for count in counts.values())


def _order(action: Action) -> tuple[str, str]:
    return action.call, action.result
