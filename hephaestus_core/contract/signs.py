"""The one vocabulary of all faces: a glyph and a word for how a thing stands."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus, WorkflowStatus


class Sign(StrEnum):
    """How a workflow, a task or an agent stands, for people; its colour never stands alone."""

    WAITS_FOR_YOU = "waits_for_you"
    STANDS_STILL = "stands_still"
    AT_WORK = "at_work"
    WAITS_ITS_TURN = "waits_its_turn"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def glyph(self) -> str:
        """The sign as one character."""
        return _GLYPHS[self]

    @property
    def words(self) -> str:
        """The sign in words: ``waits for you``."""
        return self.value.replace("_", " ")

    @property
    def shown(self) -> str:
        """Glyph and words: ``◆ waits for you``."""
        return f"{self.glyph} {self.words}"


_GLYPHS: Final[Mapping[Sign, str]] = {
    Sign.WAITS_FOR_YOU: "◆",
    Sign.STANDS_STILL: "▲",
    Sign.AT_WORK: "●",
    Sign.WAITS_ITS_TURN: "○",
    Sign.DONE: "✓",
    Sign.FAILED: "✗",
    Sign.STOPPED: "◌",
}
_TASKS: Final[Mapping[str, Sign]] = {
    TaskStatus.PENDING: Sign.WAITS_ITS_TURN,
    TaskStatus.QUEUED: Sign.WAITS_ITS_TURN,
    TaskStatus.BLOCKED: Sign.WAITS_FOR_YOU,
    TaskStatus.ASSIGNED: Sign.AT_WORK,
    TaskStatus.IN_PROGRESS: Sign.AT_WORK,
    TaskStatus.UNDER_REVIEW: Sign.AT_WORK,
    TaskStatus.NEEDS_WORK: Sign.AT_WORK,
    TaskStatus.DONE: Sign.DONE,
    TaskStatus.FAILED: Sign.FAILED,
    TaskStatus.CANCELLED: Sign.STOPPED,
    TaskStatus.DUPLICATED: Sign.STOPPED,
}
_WORKFLOWS: Final[Mapping[str, Sign]] = {
    Condition.WAITS_FOR_YOU: Sign.WAITS_FOR_YOU,
    Condition.STANDS_STILL: Sign.STANDS_STILL,
    Condition.AT_WORK: Sign.AT_WORK,
    Condition.QUIET: Sign.DONE,
    Condition.OVER: Sign.DONE,
}
#: By the Guardian's verdict; with any other an agent stands still.
_VERDICTS: Final[Mapping[str, Sign]] = {
    "working": Sign.AT_WORK,
    "long_command": Sign.AT_WORK,
    "limited": Sign.WAITS_ITS_TURN,
    "waiting_for_person": Sign.WAITS_FOR_YOU,
}


def sign_of_task(status: str) -> Sign:
    """Return how a task stands; one of an unknown status counts as at work."""
    return _TASKS.get(status, Sign.AT_WORK)


def counted_by_sign(statuses: Mapping[str, int]) -> dict[Sign, int]:
    """Return how many tasks stand in which way, in the order of the signs."""
    found = Counter[Sign]()
    for status, number in statuses.items():
        found[sign_of_task(status)] += number
    return {sign: found[sign] for sign in Sign if found[sign]}


def sign_of_workflow(condition: str, status: str) -> Sign:
    """Return how a workflow stands, by its condition; of what is over the status says how."""
    if status == WorkflowStatus.STOPPED and condition == Condition.OVER:
        return Sign.STOPPED
    return _WORKFLOWS.get(condition, Sign.AT_WORK)


def sign_of_agent(
    status: str, verdict: str | None, *, failed: bool = False, fine: bool = False
) -> Sign:
    """Return how an agent stands.

    Args:
        status: its own.
        verdict: the Guardian's newest; None: there is none.
        failed: it ended with a failure.
        fine: a person says that it is fine, whatever the Guardian sees.
    """
    if status == AgentStatus.FINISHED:
        return Sign.FAILED if failed else Sign.DONE
    if status == AgentStatus.LOST:
        return Sign.FAILED
    if status == AgentStatus.STOPPING:
        return Sign.STOPPED
    if status == AgentStatus.STARTING or verdict is None:
        return Sign.AT_WORK
    found = _VERDICTS.get(verdict, Sign.STANDS_STILL)
    return Sign.AT_WORK if fine and found == Sign.STANDS_STILL else found
