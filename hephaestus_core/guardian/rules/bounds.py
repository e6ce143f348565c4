"""Rules about settings that bound an attempt, and about looks that see nothing."""

from itertools import pairwise

from hephaestus_core.guardian.observation import Act, Alive, Label, Look
from hephaestus_core.guardian.rules.comparing import differ
from hephaestus_core.guardian.rules.situation import Finding, Situation

#: The share of a limit from which an attempt is told to come to its end.
_NEAR = 0.8


def over_limits(situation: Situation) -> Finding | None:
    """Find an attempt over its limits of time, turns, tokens or money."""
    over = _used(situation, share=1.0)
    return Finding(Label.WORKING, Act.PARK, over) if over else None


def near_limits(situation: Situation) -> Finding | None:
    """Find an attempt that has used most of what it may."""
    near = _used(situation, share=_NEAR)
    return Finding(Label.WORKING, Act.STEER, near) if near else None


def _used(situation: Situation, share: float) -> tuple[str, ...]:
    """Return the limits of which more than this share is used, each with the amount."""
    last, limits = situation.last, situation.limits
    tokens = (last.input_tokens or 0) + (last.output_tokens or 0)
    used = (
        ("seconds", situation.age, limits.age),
        ("turns", last.turns or 0, limits.turns),
        ("tokens", tokens, limits.tokens),
        ("dollars", last.cost or 0, limits.cost),
    )
    return tuple(
        f"{round(value, 2):.10g} {unit} of {limit:.10g}"
        for unit, value, limit in used
        if limit and value > limit * share
    )


def spawns(situation: Situation) -> Finding | None:
    """Find an agent that has created too many tasks, and goes on to create them."""
    count = situation.last.children or 0
    goes_on = any(differ(*pair, "children") for pair in pairwise(situation.history[-2:]))
    if count <= situation.limits.children or not goes_on:
        return None
    return Finding(Label.LOOPING, Act.TELL, (f"it has created {count} tasks",))


def without_change(situation: Situation) -> Finding | None:
    """Find many calls without a change on disk; it may read, so a person judges."""
    calls = (situation.last.tool_calls or 0) - (situation.since.calls or 0)
    if calls < situation.limits.calls_without_change:
        return None
    return Finding(Label.WORKING, Act.TELL, (f"{calls} calls without a change on disk",))


def unseen(situation: Situation) -> Finding | None:
    """Find an agent of which nothing is known at many looks."""
    row = situation.row(_sees_nothing)
    if len(row) < situation.limits.unknown_looks:
        return None
    return Finding(Label.UNKNOWN, Act.TELL, (f"{len(row)} looks have seen nothing",))


def _sees_nothing(look: Look) -> bool:
    return look.process is Alive.UNKNOWN and look.screen is None and look.signal is None
