"""The text of a task that the system creates once other phases are at rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hephaestus_core.contract.statuses import TaskStatus

#: Most tasks that the text lists, and most characters of what it says of each.
_MOST_LISTED: Final = 60
_MOST_SAID: Final = 600


@dataclass(frozen=True)
class EndedTask:
    """A task that has ended since the last round."""

    id: UUID
    phase_id: int
    status: TaskStatus
    title: str
    summary: str | None
    failure_reason: str | None


def join_title(phase: Mapping[str, Any], number: int) -> str:
    """Return the title of the task of a round."""
    return f"{phase['name']}, round {number}"


def join_description(
    phase: Mapping[str, Any],
    names: Mapping[int, str],
    ended: Sequence[EndedTask],
    *,
    number: int,
) -> str:
    """Return the description of the task of a round.

    Args:
        phase: the one that joins, as it is stored with the workflow.
        names: of all phases.
        ended: the tasks of the joined phases that have ended since the round before.
        number: of the round, from 1.
    """
    joined = ", ".join(f"{n} ({names.get(n, '?')})" for n in phase["join"])
    left_out = len(ended) - _MOST_LISTED
    begin = (
        f"Round {number} of at most {phase['max_rounds']}: all tasks of phase {joined} are over, "
        "and what is done is merged. Your worktree has the merged state."
    )
    lines = [
        begin,
        "",
        "Ended since the round before:" if number > 1 else "Ended so far:",
        *(_line(task, names) for task in ended[:_MOST_LISTED]),
    ]
    if left_out > 0:
        lines.append(f"- and {left_out} more; get_tasks lists them.")
    return "\n".join(lines)


def _line(task: EndedTask, names: Mapping[int, str]) -> str:
    said = task.summary if task.status == TaskStatus.DONE else task.failure_reason
    text = " ".join((said or "").split())
    text = text if len(text) <= _MOST_SAID else f"{text[:_MOST_SAID]}…"
    place = f"phase {task.phase_id} ({names.get(task.phase_id, '?')})"
    return f"- {task.status}, {place}, task {task.id}: {task.title}" + (
        f" – {text}" if text else ""
    )
