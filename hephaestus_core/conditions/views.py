"""Values of conditions: the facts that go in, and the condition that comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hephaestus_core.contract.conditions import Cause, Condition
from hephaestus_core.contract.statuses import (
    DeliveryStatus,
    DiagnosisStatus,
    ResultStatus,
    TaskStatus,
    WorkflowStatus,
)


@dataclass(frozen=True)
class ConditionView:
    """How a workflow stands as a whole."""

    name: Condition
    cause: Cause | None
    """Of waiting for a person and of standing still, for programs; None for the rest."""
    reason: str
    """The same for people, in a sentence; times are UTC."""
    until: datetime | None
    """When it goes on by itself, where that is known."""
    finished: bool
    """Nothing more happens by itself; what waits for a person counts as finished."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Queued tasks of one workflow that need the same of a host."""

    tasks: int
    labels: frozenset[str]
    program: str | None
    """None: whatever the host's own default is."""
    due_at: datetime | None
    """Time of the next attempt, where an earlier one failed."""
    quota: bool
    """It was a quota that ended the earlier attempt."""
    failure: str | None


@dataclass(frozen=True)
class Fault:
    """A fault by which a host is unwell."""

    repository: str
    """The only one that it concerns; empty: it concerns them all."""
    reason: str
    next_try_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """A host, as far as it matters to whether it can take a task."""

    name: str
    alive: bool
    """Its lease holds."""
    draining: bool
    recent: bool
    """It gave a sign of life within the hour."""
    labels: frozenset[str]
    programs: frozenset[str]
    without_login: frozenset[str] = frozenset()
    """Programs that the host's user has no login for, as far as files tell."""
    slots: int
    most_in_system: int | None
    agents: int
    last_seen_at: datetime
    faults: tuple[Fault, ...] = ()

    def takes_agents(self, repository: str) -> bool:
        """Say whether it may claim tasks of a workflow on this repository at all."""
        return self.alive and not self.draining and self.fault(repository) is None

    def fault(self, repository: str) -> Fault | None:
        """Return the fault that keeps it from tasks on this repository, if there is one."""
        concerned = (fault for fault in self.faults if fault.repository in {"", repository})
        return next(concerned, None)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What one look at the database says of a workflow."""

    status: WorkflowStatus
    closed_at: datetime | None
    closed_reason: str | None
    repository: str
    base_branch: str
    integration_branch: str
    delivery_status: DeliveryStatus
    delivery_reason: str | None
    has_result: bool
    """It is incomplete without an accepted result."""
    accepted: bool
    """It has an accepted result."""
    tasks: Mapping[str, int]
    """Number of tasks by status."""
    live_tasks: int
    live_agents: int
    held_by_budget: int = 0
    """Queued tasks that no host claims, since a budget is spent."""
    spent_budget: str | None = None
    """The first of these budgets, in words; None: none is spent."""
    open_questions: int = 0
    first_question: str | None = None
    """The oldest of them, or its beginning."""
    open_merges: int = 0
    left_to_people: int = 0
    """Of the open merges, conflicts that nobody resolves but a person."""
    left_live: int = 0
    """Of these, those whose tasks are live."""
    left_branch: str | None = None
    awaited_reviews: int = 0
    """Tasks whose work a person is to judge; they are live."""
    awaited_title: str | None = None
    awaited_reason: str | None = None
    held_merges: int = 0
    """Of the open merges, those that something hinders."""
    held_reason: str | None = None
    waiting_merges: int = 0
    """Merges that wait for work which follows theirs."""
    waiting_branch: str | None = None
    """The branch of one of them."""
    stuck_tasks: int = 0
    """Of the live tasks, those that come after one which failed or was cancelled."""
    stuck_title: str | None = None
    """Of the first of them."""
    blocker_title: str | None = None
    """Of the task that it waits for in the end."""
    blocker_status: TaskStatus | None = None
    unreached_phases: str | None = None
    """Names of the phases that have had no task."""
    rounds_used_up: str | None = None
    """Name of a phase that was to join the work once more but has had all of its rounds."""
    result_status: ResultStatus | None = None
    """Of the newest result."""
    result_feedback: str | None = None
    failed_diagnoses: int = 0
    """Of the failed tasks, those that were to find out why the workflow stands still."""
    diagnosis_status: DiagnosisStatus | None = None
    """Of the newest diagnosis, if no task has ended since."""
    diagnosis_report: str | None = None
    """What it has found, or why it failed."""
    failed_title: str | None = None
    failed_reason: str | None = None
    ended_at: datetime | None = None
    """When the last task ended; None while one is live, or there is none."""
    waiting: tuple[Waiting, ...] = ()
    """The queued tasks, where no agent is alive."""
