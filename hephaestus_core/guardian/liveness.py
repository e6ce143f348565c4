"""The Guardian's mechanical layer: what a look at one agent means. No LLM, no IO."""

from dataclasses import dataclass
from typing import Final, Literal

from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.statuses import AgentStatus

#: Times that an agent which waits at its prompt is reminded to report, before it is given up.
MOST_REMINDERS: Final = 3

#: A program that could not reach its provider tries again when it is spoken to; one whose login or
#: quota is used up says the same again.
_NO_REMINDER_HELPS: Final = {"quota", "permanent"}


@dataclass(frozen=True)
class Observation:
    """What one sweep saw of an agent; ``waiting`` is None where its screen does not tell."""

    waiting: bool | None
    trouble: Trouble | None = None
    """Why its program does not go on, by its own words."""


@dataclass(frozen=True)
class Assessment:
    """What to make of it: the agent's state, and what to do."""

    status: Literal[AgentStatus.WORKING, AgentStatus.IDLE]
    action: Literal["none", "remind", "give_up", "end"] = "none"


def assess(status: AgentStatus, reminders: int, seen: Observation) -> Assessment | None:
    """Judge an observation against what was known; None when it tells nothing new.

    One look at a waiting prompt proves nothing, since it may fall between two turns: the first
    only marks the agent idle, and the next sweep that still finds it so reminds it, or ends it
    where no reminder can help.
    """
    if seen.waiting is not False and _is_final(seen.trouble):
        return Assessment(AgentStatus.IDLE, "end" if status == AgentStatus.IDLE else "none")
    if seen.waiting is None:
        return None
    if not seen.waiting:
        news = status == AgentStatus.IDLE or reminders
        return Assessment(AgentStatus.WORKING) if news else None
    if status != AgentStatus.IDLE:
        return Assessment(AgentStatus.IDLE)
    return Assessment(AgentStatus.IDLE, "remind" if reminders < MOST_REMINDERS else "give_up")


def _is_final(trouble: Trouble | None) -> bool:
    return trouble is not None and trouble.failure_class in _NO_REMINDER_HELPS
