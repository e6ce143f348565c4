"""The summary that a wait for completion returns, and its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hephaestus_core.contract.left_out import LeftOut, in_words
from hephaestus_core.contract.statuses import (
    DeliveryStatus,
    ResultOutcome,
    ResultStatus,
    TaskKind,
    TaskStatus,
    WorkflowStatus,
)
from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.api.conflicts import FileConflict
from hephaestus_sdk.api.decoding import encode
from hephaestus_sdk.api.result_views import WorkflowResult
from hephaestus_sdk.api.views import Condition, Delivery


@dataclass(frozen=True, kw_only=True)
class PhaseSummary:
    """Tasks of one phase."""

    id: int
    name: str = ""
    total: int = 0
    live: int = 0
    done: int = 0
    failed: int = 0


@dataclass(frozen=True, kw_only=True)
class TaskFailure:
    """A task that failed for good, and why."""

    task_id: str
    title: str = ""
    description: str = ""
    failure_class: str | None = None
    failure_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class LeftToPeople:
    """A task's branch with a conflict that a person has to merge."""

    task_id: str
    branch: str = ""
    target: str = ""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HeldMerge:
    """A held merge, and its remedy."""

    merge_id: str
    task_id: str = ""
    title: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class NotCommitted:
    """Files of one attempt that are in no commit, and where they are."""

    task_id: str
    title: str = ""
    attempt: int = 0
    host: str = ""
    folder: str = ""
    files: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TaskBranch:
    """A task's place in the tree of creators."""

    task_id: str
    phase_id: int | None = None
    kind: str = TaskKind.WORK
    title: str = ""
    description: str = ""
    status: str = ""
    created_by: str = ""
    created_by_agent_id: str | None = None
    parent_task_id: str | None = None
    attempt: int = 0
    summary: str | None = None
    merge_commit: str | None = None
    failure_class: str | None = None
    failure_reason: str | None = None
    duplicate_of: str | None = None
    created_at: datetime | None = None
    duration_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class WorkflowSummary:
    """The summary of one workflow."""

    workflow_id: str
    title: str = ""
    status: str = ""
    condition: Condition = field(default_factory=Condition)
    finished: bool = False
    """Nothing more happens by itself; work that waits for a person counts as finished."""
    duration_seconds: float = 0.0
    tasks: Mapping[str, int] = field(default_factory=dict)
    """Number of tasks by state, and ``total``."""
    phases: tuple[PhaseSummary, ...] = ()
    failures: tuple[TaskFailure, ...] = ()
    left_to_people: tuple[LeftToPeople, ...] = ()
    """Conflicts that a person has to merge by hand; then the work goes on by itself."""
    conflicts: tuple[FileConflict, ...] = ()
    """Files that two branches had changed; most were decided by the policy, see ``kept``."""
    merges: int = 0
    commits: int = 0
    insertions: int = 0
    deletions: int = 0
    held_merges: tuple[HeldMerge, ...] = ()
    not_committed: tuple[NotCommitted, ...] = ()
    """Files that hosts could not or would not commit; they are kept where ``folder`` says."""
    result: WorkflowResult | None = None
    delivery: Delivery = field(default_factory=Delivery)
    tree: tuple[TaskBranch, ...] = ()

    @property
    def all_done(self) -> bool:
        """Whether there are tasks and all are done, or duplicates of others."""
        total = self.tasks.get("total", 0)
        return 0 < total == self.tasks.get(TaskStatus.DONE, 0)

    @property
    def succeeded(self) -> bool:
        """Whether it ended well.

        An accepted result is that, whatever failed on the way; without one, every task has to be
        done. Work that waits for a person to settle a conflict has not ended well.
        """
        if (
            not self.finished
            or self.left_to_people
            or self.delivery.status == DeliveryStatus.CONFLICT
        ):
            return False
        if self.result is not None:
            return self.result.status == ResultStatus.ACCEPTED
        return self.all_done and self.status != WorkflowStatus.STOPPED


@dataclass(frozen=True, kw_only=True)
class CompletionSummary:
    """The summary of the awaited workflows; ``print()`` shows it as text."""

    workflows: tuple[WorkflowSummary, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether every workflow is finished."""
        return all(item.finished for item in self.workflows)

    @property
    def succeeded(self) -> bool:
        """Whether every workflow ended well."""
        return all(item.succeeded for item in self.workflows)

    @property
    def duration_seconds(self) -> float:
        """Length of the longest workflow."""
        return max((item.duration_seconds for item in self.workflows), default=0.0)

    @property
    def tasks(self) -> dict[str, int]:
        """Number of tasks by state, and ``total``, over all workflows."""
        counts: dict[str, int] = {"total": 0}
        for item in self.workflows:
            for status, number in item.tasks.items():
                counts[status] = counts.get(status, 0) + number
        return counts

    @property
    def durations(self) -> dict[str, float]:
        """Seconds that each finished task took, by task id."""
        return {
            branch.task_id: branch.duration_seconds
            for item in self.workflows
            for branch in item.tree
            if branch.duration_seconds is not None
        }

    @property
    def failures(self) -> tuple[TaskFailure, ...]:
        """Tasks that failed for good."""
        return tuple(failure for item in self.workflows for failure in item.failures)

    @property
    def conflicts(self) -> tuple[FileConflict, ...]:
        """Files that two branches had changed, and whose version was kept."""
        return tuple(conflict for item in self.workflows for conflict in item.conflicts)

    @property
    def result(self) -> WorkflowResult | None:
        """The result of the workflow, where there is only one workflow."""
        return self.workflows[0].result if len(self.workflows) == 1 else None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {
            "finished": self.finished,
            "succeeded": self.succeeded,
            "duration_seconds": self.duration_seconds,
            "tasks": self.tasks,
            "workflows": encode(self.workflows),
        }

    def __str__(self) -> str:
        return "\n\n".join(_text(item) for item in self.workflows) or "no workflow"


def duration(seconds: float | None) -> str:
    """Return seconds in words: ``0.4 s``, ``12 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds is None:
        return "-"
    if seconds < 10:  # noqa: PLR2004 - below this a tenth still tells something
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _text(item: WorkflowSummary) -> str:
    states = [f"{n} {status}" for status, n in item.tasks.items() if n and status != "total"]
    head = (
        f"Workflow {item.workflow_id} {_standing(item)} after {duration(item.duration_seconds)}: "
        f"{_counted(item.tasks.get('total', 0), 'task')} ({', '.join(states) or 'none'}), "
        f"{_counted(item.merges, 'merge')}, {_counted(item.commits, 'commit')}"
    )
    phases = [f"  phase {p.id} {p.name}: {p.done} of {p.total} done" for p in item.phases]
    failures = [
        f"  failed: {first_line(f.title)} ({f.failure_class or 'unknown'}: "
        f"{f.failure_reason or 'no reason given'})"
        for f in item.failures
    ]
    left = [
        f"  waits for a person: {work.branch} conflicts with {work.target} in "
        f"{first_line(', '.join(work.paths))}; merge it there, and the work goes on"
        for work in item.left_to_people
    ]
    conflicts = [f"  conflict: {conflict}" for conflict in item.conflicts]
    held = [f"  merge held: {first_line(m.title)} ({m.reason})" for m in item.held_merges]
    kept = [
        f"  not committed: {first_line(in_words(each.files), 300)}; of {first_line(each.title)}, "
        f"on host '{each.host}' in {first_line(each.folder, 300)}"
        for each in item.not_committed
    ]
    about = [f"  {first_line(text, 300)}" for text in (item.title, item.condition.reason) if text]
    parts = (about, phases, failures, left, conflicts, held, kept, _tree(item), _ending(item))
    return "\n".join([head, *(line for part in parts for line in part)])


def _standing(item: WorkflowSummary) -> str:
    """Return how it stands; of one that is closed, its status says more."""
    return item.status if item.condition.name in {"", "over"} else item.condition.words


def _ending(item: WorkflowSummary) -> list[str]:
    lines = []
    if item.result is not None:
        outcome = item.result.outcome
        other = "" if outcome == ResultOutcome.DONE else f", {outcome.replace('_', ' ')}"
        lines.append(f"  result {item.result.status}{other}: {first_line(item.result.text)}")
    if item.delivery.status != DeliveryStatus.NONE:
        reason = f" ({item.delivery.reason})" if item.delivery.reason else ""
        status = item.delivery.status.replace("_", " ")
        lines.append(f"  delivery: {status}{reason}")
    return lines


def _tree(item: WorkflowSummary) -> list[str]:
    """Return one line per task, each below its creator's task."""
    known = {branch.task_id for branch in item.tree}
    children: dict[str | None, list[TaskBranch]] = {}
    for branch in item.tree:
        parent = branch.parent_task_id if branch.parent_task_id in known else None
        children.setdefault(parent, []).append(branch)
    lines: list[str] = []
    waiting = [(branch, 1) for branch in reversed(children.get(None, []))]
    while waiting:
        branch, depth = waiting.pop()
        place = branch.kind.replace("_", " ") if branch.phase_id is None else branch.phase_id
        lines.append(
            f"{'  ' * depth}- [{place}] {first_line(branch.title)}: "
            f"{branch.status}, {duration(branch.duration_seconds)}"
        )
        waiting += [(child, depth + 1) for child in reversed(children.get(branch.task_id, []))]
    return lines
