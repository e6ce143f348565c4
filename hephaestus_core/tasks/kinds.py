"""The kinds of task: all that is special about each stands in this table, and nowhere else."""

from dataclasses import dataclass
from typing import Final

from hephaestus_core.contract.statuses import TaskKind

_COMMON_TOOLS: Final = frozenset(
    {
        "get_my_task",
        "update_task_status",
        "get_tasks",
        "get_task",
        "get_workflow",
        "get_agent_status",
        "send_message",
        "broadcast_message",
        "get_messages",
        "get_workflow_results",
        "health_check",
    }
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is special about the tasks of one kind."""

    tools: frozenset[str]
    """Names of the tools that its prompt lists; others may still be called."""
    before_report: str = ""
    """What its prompt asks for before the report."""
    invites_result: bool = False
    """Its prompt says that the answer of the whole workflow may be handed in as a result."""
    merges: bool = True
    """Work that it saved is merged after the report; else the task is done with the report."""
    frees_parent: bool = False
    """Once it is merged, the merge of its parent, which had a conflict, is tried again."""
    judges_result: bool = False
    """Its agent judges the result that the task names, which counts as the report."""
    results_judged_by: TaskKind | None = None
    """Kind of the task that judges a result of its agent; None: its agent submits none."""


KINDS: Final[dict[TaskKind, Kind]] = {
    TaskKind.WORK: Kind(
        tools=_COMMON_TOOLS | {"create_task", "submit_result"},
        invites_result=True,
        results_judged_by=TaskKind.RESULT_REVIEW,
    ),
    TaskKind.CONFLICT: Kind(
        tools=_COMMON_TOOLS,
        frees_parent=True,
        results_judged_by=TaskKind.RESULT_REVIEW,
    ),
    TaskKind.RESULT_REVIEW: Kind(
        tools=_COMMON_TOOLS | {"submit_result_validation"},
        before_report="Judge with `submit_result_validation` first.\n",
        merges=False,
        judges_result=True,
    ),
}
