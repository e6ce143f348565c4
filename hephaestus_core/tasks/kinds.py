"""The kinds of task: this table holds every difference between them."""

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
        "ask_person",
        "get_workflow_results",
        "health_check",
    }
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The properties of one kind of task."""

    tools: frozenset[str]
    """Tools in its prompt; the others may still be called."""
    before_report: str = ""
    """Instructions of its prompt before the report."""
    invites_result: bool = False
    """Its prompt mentions that a result of the whole workflow may be submitted."""
    is_limited: bool = False
    """The workflow's limits hold for it. Without the others, finished work would be stuck."""
    merges: bool = True
    """Its saved work is merged after the report; otherwise the report ends the task."""
    frees_parent: bool = False
    """After its merge, the conflicting merge of its parent is tried again."""
    leads_on: bool = False
    """The phases that its own phase leads to hold for it."""
    is_reviewed: bool = False
    """Its work is reviewed where the phase asks for that."""
    starts_as_is: bool = False
    """It starts from its commit exactly, without what others have merged meanwhile."""
    judges_with: str | None = None
    """The tool by which its agent judges the work of another; the judgement is the report."""
    judges_result: bool = False
    """Its agent judges the task's result."""
    results_judged_by: TaskKind | None = None
    """Kind of task that judges a result of its agent; None: its agent submits none."""


KINDS: Final[dict[TaskKind, Kind]] = {
    TaskKind.WORK: Kind(
        tools=_COMMON_TOOLS | {"create_task", "submit_result"},
        invites_result=True,
        is_limited=True,
        leads_on=True,
        is_reviewed=True,
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
        judges_with="submit_result_validation",
        judges_result=True,
    ),
    TaskKind.REVIEW: Kind(
        tools=_COMMON_TOOLS | {"give_task_review"},
        before_report="Judge with `give_task_review`; it counts as your report.\n",
        merges=False,
        starts_as_is=True,
        judges_with="give_task_review",
    ),
}
