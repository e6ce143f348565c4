"""The Guardian's mechanical layer: what a look at one agent means. No LLM, no IO."""

from dataclasses import dataclass
from typing import Final, Literal

#: Times that an agent which waits at its prompt is reminded to report, before it is given up.
MOST_REMINDERS: Final = 3


@dataclass(frozen=True)
class Observation:
    """What one sweep saw of an agent; ``waiting`` is None where its screen does not tell."""

    waiting: bool | None


@dataclass(frozen=True)
class Assessment:
    """What to make of it: the agent's state, and what to do."""

    state: Literal["working", "idle"]
    action: Literal["none", "remind", "give_up"] = "none"


def assess(state: str, reminders: int, seen: Observation) -> Assessment | None:
    """Judge an observation against what was known; None when it tells nothing new.

    One look at a waiting prompt proves nothing, since it may fall between two turns: the first
    only marks the agent idle, and the next sweep that still finds it so reminds it.
    """
    if seen.waiting is None:
        return None
    if not seen.waiting:
        return Assessment("working") if state == "idle" or reminders else None
    if state != "idle":
        return Assessment("idle")
    return Assessment("idle", "remind" if reminders < MOST_REMINDERS else "give_up")
