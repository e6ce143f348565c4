"""The limits of a workflow: how much its agents may create before a person is asked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of one workflow. A workflow gets them at its launch; a person may change them."""

    tasks_per_workflow: int = 2000
    """Most tasks, whoever creates them; reviews and conflicts that the system adds do not count."""
    tasks_per_attempt: int = 50
    """Most tasks that one attempt may create."""
    task_depth: int = 20
    """Most creations between a task of an agent and a task that no task led to."""
    messages_per_minute: int = 30
    """Most messages that one agent may send within a minute; one to all agents counts once."""
    tasks_per_diagnosis: int = 5
    """Most tasks that one run of the diagnostician may create."""
    diagnoses_per_workflow: int = 3
    """Most runs of the diagnostician on one workflow."""

    def as_dict(self) -> dict[str, int]:
        """Return them by name."""
        return asdict(self)


LIMITS: Final = tuple(f.name for f in fields(Limits))

_RAISED: Final = "A person can raise the limit while the workflow runs."

#: The refusal in words for an agent.
_TO_AGENTS: Final = {
    "tasks_per_workflow": "This workflow has {most} tasks, the most that it may have. Finish your "
    f"own task without new ones, and name the open work in your summary. {_RAISED}",
    "tasks_per_attempt": "You have created {most} tasks, the most for one attempt. Do the rest "
    f"within your own task, or name it in your summary. {_RAISED}",
    "most_tasks": "Phase {phase_id} has {most} tasks in this round, the most that it may have. Add "
    "the work to one of them by send_message, do it within your own task, or name it in your "
    "summary; if your phase leads on to it, report with nothing_follows. A person can create more.",
    "task_depth": "The new task would be {most} creations or more away from the task that all "
    "began with. Do this work within your own task, or name it in your summary. "
    f"{_RAISED}",
    "tasks_per_diagnosis": "This diagnosis has created {most} tasks, the most for one. Name what "
    f"else is missing in your report. {_RAISED}",
    "messages_per_minute": "You have sent {most} messages within a minute, the most for one agent. "
    "Wait {retry_after} s, then say the rest in one message.",
}
#: The same for people and their programs; other limits are those of agents alone.
_TO_PEOPLE: Final = {
    "tasks_per_workflow": "The workflow has {most} tasks, the most that it may have. Raise its "
    "limit tasks_per_workflow, or start another workflow.",
    "most_tasks": "Phase {phase_id} has {most} tasks in this round, the most that its definition "
    "allows (most_tasks). If it is to have one more all the same, create it with beyond_limit.",
}


def refusal(limit: str, *, to_agent: bool, **values: int) -> str:
    """Return the sentence with which a creation beyond the limit is refused."""
    sentences: Mapping[str, str] = _TO_AGENTS if to_agent else _TO_PEOPLE
    return sentences[limit].format(**values)
