"""The work that must follow a task before the task counts as done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from hephaestus_core.contract.definitions.phases import RESULT


@dataclass(frozen=True)
class Followers:
    """What has followed a task so far."""

    phases: Collection[int] = ()
    """Phases in which its attempts have created tasks."""
    joins: Collection[int] = ()
    """Phases whose tasks the system creates once the task's phase is at rest."""
    result: bool = False
    """One of its attempts has submitted a result."""


def what_is_missing(
    phase: Mapping[str, Any], followers: Followers, *, nothing_follows: str = ""
) -> str | None:
    """Return the refusal of a report, for its agent; None: nothing is missing.

    Args:
        phase: of the task, as it is stored with the workflow.
        followers: of the task.
        nothing_follows: the agent's reason for which nothing has to follow.
    """
    wanted = phase.get("leads_to") or []
    if not wanted or nothing_follows.strip():
        return None
    numbers = [item for item in wanted if item != RESULT]
    if not {*followers.phases, *followers.joins}.isdisjoint(numbers):
        return None
    if RESULT in wanted and followers.result:
        return None
    return _refusal(phase, numbers, result=RESULT in wanted)


def _refusal(phase: Mapping[str, Any], numbers: list[int], *, result: bool) -> str:
    listed = " or ".join(map(str, numbers))
    named = [f"a task of phase {listed}"] * bool(numbers) + ["a result"] * result
    calls = [f"call create_task with phase_id {listed}"] * bool(numbers)
    calls += ["call submit_result"] * result
    return (
        f"Not done yet: a task of phase {phase['id']} ({phase['name']}) leads to "
        f"{' or '.join(named)}, and neither you nor an earlier attempt has made one. "
        f"{_sentence(' or '.join(calls))}, then report done again. If nothing has to follow, "
        "report done with nothing_follows and the reason."
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
