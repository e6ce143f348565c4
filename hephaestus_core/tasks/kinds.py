"""The kinds of task: this table holds every difference between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hephaestus_core.contract.statuses import TaskKind

#: The creator of the tasks that the system adds for a phase that joins others.
JOIN: Final = "join"

_REPORT: Final = {"update_task_status": "when you are done or cannot go on; this is your report."}
_CREATE: Final = {
    "create_task": "for work that others have to do, last of all before your report. `get_tasks` "
    "shows whether it exists."
}
_MESSAGES: Final = {"get_messages": "before you report, and when you are told that there is one."}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The properties of one kind of task."""

    tools: Mapping[str, str]
    """The tools that its prompt names, each with the time for it; others may still be called."""
    template: str | None = None
    """Its prompt's template, where the system writes the task's text; None: by the attempt."""
    is_limited: bool = False
    """The workflow's limits hold for it. Without the others, finished work would be stuck."""
    merges: bool = True
    """Its saved work is merged after the report; otherwise the report ends the task."""
    frees_parent: bool = False
    """After its merge, the conflicting merge of its parent is tried again."""
    leads_on: bool = False
    """What its phase says of the work that follows holds for it: ``leads_to`` and ``merge``."""
    is_compared: bool = False
    """It may be the duplicate of a task that does the same work."""
    is_reviewed: bool = False
    """Its work is reviewed where the phase asks for that."""
    starts_as_is: bool = False
    """It starts from its commit exactly, without what others have merged meanwhile."""
    judges_with: str | None = None
    """The tool by which its agent judges the work of another; the judgement is the report."""
    judges_result: bool = False
    """Its agent judges the task's result."""
    creation_limit: str = "tasks_per_attempt"
    """The limit of its workflow on the tasks that its agent creates."""
    creates_apart: bool = False
    """Tasks of its agent start at once from the workflow's newest state, not from its worktree."""
    results_judged_by: TaskKind | None = None
    """Kind of task that judges a result of its agent; None: its agent submits none."""


KINDS: Final[dict[TaskKind, Kind]] = {
    TaskKind.WORK: Kind(
        tools={
            **_CREATE,
            **_MESSAGES,
            "submit_result": "when the workflow's goal is reached, with evidence; another agent "
            "judges it.",
            **_REPORT,
        },
        is_limited=True,
        leads_on=True,
        is_compared=True,
        is_reviewed=True,
        results_judged_by=TaskKind.RESULT_REVIEW,
    ),
    TaskKind.CONFLICT: Kind(
        tools={
            "get_merges": "to see what was merged, and the conflicts of each merge.",
            **_MESSAGES,
            **_REPORT,
        },
        template="conflict",
        frees_parent=True,
        results_judged_by=TaskKind.RESULT_REVIEW,
    ),
    TaskKind.RESULT_REVIEW: Kind(
        tools={
            "submit_result_validation": "to judge; this is your report.",
            "get_workflow_results": "to read the whole result, and earlier ones with their "
            "judgements.",
            "update_task_status": "only if you cannot judge: status `failed` with the reason.",
        },
        template="review",
        merges=False,
        judges_with="submit_result_validation",
        judges_result=True,
    ),
    TaskKind.REVIEW: Kind(
        tools={
            "give_task_review": "to judge; this is your report.",
            "get_task": "to read a task of this workflow.",
            "update_task_status": "only if you cannot judge: status `failed` with the reason.",
        },
        template="review",
        merges=False,
        starts_as_is=True,
        judges_with="give_task_review",
    ),
    TaskKind.DIAGNOSIS: Kind(
        tools={
            "get_task": "to read a task of this workflow, with its attempts and their reasons.",
            "create_task": "for each piece of work that is missing.",
            "update_task_status": "when you are done: what you found, and why it now leads to the "
            "goal; this is your report.",
        },
        template="diagnosis",
        merges=False,
        creation_limit="tasks_per_diagnosis",
        creates_apart=True,
    ),
}
