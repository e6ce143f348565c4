"""The Guardian's mechanical layer: the assessment of one observation. No LLM, no IO."""

from dataclasses import dataclass
from typing import Final, Literal

from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import AgentStatus

#: Reminders to an agent that waits at its prompt, before it is given up.
MOST_REMINDERS: Final = 3

#: Failures that no reminder ends. A program that could not reach its provider tries again at the
#: next message; one without login or quota fails again.
_NO_REMINDER_HELPS: Final = {FailureClass.QUOTA, FailureClass.PERMANENT}


@dataclass(frozen=True)
class Observation:
    """One sweep's observation of an agent; ``waiting`` is None if the screen does not show it."""

    waiting: bool | None
    trouble: Trouble | None = None
    """The program's own reason for not going on."""
    certain: bool = False
    """The program itself told the reason several times; no second look is needed."""


@dataclass(frozen=True)
class Assessment:
    """The assessment of an observation: the agent's status, and the action."""

    status: Literal[AgentStatus.WORKING, AgentStatus.IDLE]
    action: Literal["none", "remind", "give_up", "end"] = "none"


def assess(status: AgentStatus, reminders: int, seen: Observation) -> Assessment | None:
    """Assess an observation of an agent with this status; None if nothing has changed.

    A single look at a waiting prompt may fall between two turns. So the first one only marks the
    agent idle; the next sweep that finds it idle reminds it, or ends it if no reminder helps.
    """
    if seen.certain and _is_final(seen.trouble):
        return Assessment(AgentStatus.IDLE, "end")
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
