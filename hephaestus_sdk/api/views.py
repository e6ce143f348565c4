"""Views: immutable snapshots of the server's things at the moment of the call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hephaestus_core.contract.duplicates import duplicate_in_words
from hephaestus_core.contract.signs import Sign, sign_of_task, sign_of_workflow
from hephaestus_core.contract.statuses import (
    DeliveryStatus,
    TaskKind,
    TaskStatus,
    work_of,
)
from hephaestus_sdk.api.agent_views import Agent
from hephaestus_sdk.api.review_views import CheckOutcome

#: Statuses of a task in which nothing more happens by itself.
FINAL_TASK_STATES = frozenset(
    {TaskStatus.DONE, TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.DUPLICATED}
)


@dataclass(frozen=True, kw_only=True)
class FoundId:
    """A thing's kind and its whole id."""

    kind: str
    id: str


@dataclass(frozen=True, kw_only=True)
class TaskBrief:
    """A task in a few words; the description is cut off."""

    id: str
    phase_id: int | None = None
    kind: str = TaskKind.WORK
    status: str = ""
    title: str = ""
    description: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TaskHints:
    """The outcome of asking a model for hints on a task, which are empty without an answer."""

    outcome: str = ""
    detail: str = ""
    """The outcome in a sentence, with the remedy."""
    done_when: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    model: str | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """A piece of work in a phase."""

    id: str
    workflow_id: str = ""
    phase_id: int | None = None
    """None for tasks that belong to no phase, such as the review of a result."""
    phase_name: str = ""
    kind: str = TaskKind.WORK
    """work, review, result_review, conflict or diagnosis."""
    title: str = ""
    """One line by which people tell it apart."""
    description: str = ""
    done_definition: str = ""
    status: str = ""
    priority: str = "medium"
    boosted: bool = False
    created_at: datetime | None = None
    queued_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    updated_at: datetime | None = None
    due_at: datetime | None = None
    """Earliest start of its retry; None: at once."""
    parent_task_id: str | None = None
    created_by_agent_id: str | None = None
    created_by: str | None = None
    agent_id: str | None = None
    attempt: int = 0
    queue_position: int | None = None
    summary: str | None = None
    key_learnings: tuple[str, ...] = ()
    nothing_follows: str | None = None
    """The agent's reason for which nothing has to follow, though its phase leads on."""
    failure_class: str | None = None
    failure_reason: str | None = None
    merge_commit: str | None = None
    result_id: str | None = None
    """Id of the result that it reviews."""
    duplicate_of: str | None = None
    """The task that does its work; its status is *duplicated* then."""
    related_to: str | None = None
    """A task of its phase that was alike when it was created."""
    similarity: float | None = None
    """Share of their words that both have, 0 to 1."""
    similarity_reason: str | None = None
    """Why they count as duplicates, or as related."""
    branch: str | None = None
    """Id of its newest attempt's agent."""
    attempts: tuple[Agent, ...] = ()
    """All attempts, oldest first; this and the fields below are set when one task is read."""
    prompt: str | None = None
    """The prompt of the newest attempt."""
    parent: TaskBrief | None = None
    children: tuple[TaskBrief, ...] = ()
    """Oldest first, at most 100."""
    after: tuple[TaskBrief, ...] = ()
    """The tasks that must be done before it starts."""
    hints: TaskHints | None = None
    """What a model was asked about it; None: nothing."""

    @property
    def finished(self) -> bool:
        """Whether the task has ended."""
        return self.status in FINAL_TASK_STATES

    @property
    def sign(self) -> Sign:
        """How it stands, in the vocabulary of all faces."""
        return sign_of_task(self.status)

    @property
    def place(self) -> str:
        """Its phase by number and name; for a task without a phase, its kind."""
        if self.phase_id is None:
            return self.kind.replace("_", " ")
        return f"{self.phase_id} {self.phase_name}".strip()

    @property
    def duplicate(self) -> str | None:
        """Which task does the work of a duplicate, and why, in words; None: it is none."""
        if self.duplicate_of is None:
            return None
        return duplicate_in_words(self.id, self.duplicate_of, self.similarity_reason)


@dataclass(frozen=True, kw_only=True)
class PhaseCounts:
    """A phase of a workflow, with the number of its tasks in each state."""

    id: int
    name: str = ""
    description: str = ""
    task_counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The delivery of a workflow's work to the base branch."""

    status: str = DeliveryStatus.NONE
    """none, pending, delivered, held, conflict or awaiting_approval."""
    reason: str | None = None
    commit: str | None = None
    check: CheckOutcome | None = None
    """Of the merged work, at ``check_commit``; None: none ran to its end."""
    check_commit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Condition:
    """How a workflow stands as a whole."""

    name: str = ""
    """at_work, waits_for_you, stands_still, quiet or over."""
    cause: str | None = None
    """Why it waits for a person or stands still, in one word for programs."""
    reason: str = ""
    """The same in a sentence for people; times are UTC."""
    until: datetime | None = None
    """When it goes on by itself, where that is known."""
    finished: bool = False
    """Nothing more happens by itself; what waits for a person counts as finished."""

    @property
    def words(self) -> str:
        """The name as people read it: ``stands still``."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """One execution of a workflow definition on a repository."""

    id: str
    definition_id: str = ""
    name: str = ""
    """The definition's name."""
    title: str = ""
    """As it was given, else the first line that a person wrote, else the definition's name."""
    description: str = ""
    status: str = ""
    """active, completed, stopped or failed."""
    condition: Condition = field(default_factory=Condition)
    ended_at: datetime | None = None
    """When its last task ended; None while one is live."""
    duration_seconds: float = 0.0
    """From its start to the end of its last task, or until now while one is live."""
    repository: str = ""
    base_branch: str = ""
    base_moved_to: str | None = None
    """The commit to which the base branch was moved otherwise than forward: merges and delivery are
    held until it is restored, or `approve_workflow` is called."""
    integration_branch: str = ""
    working_directory: str = "."
    auto_merge: bool = True
    conflict_resolution: str = ""
    max_agents: int | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    """The most that may be created, by name of the limit."""
    limits_reached: tuple[str, ...] = ()
    """Names of the limits that have refused something since they were set."""
    launch_params: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    """The definition's ``WorkflowConfig`` at the launch."""
    created_at: datetime | None = None
    completed_at: datetime | None = None
    closed_reason: str | None = None
    task_counts: Mapping[str, int] = field(default_factory=dict)
    phases: tuple[PhaseCounts, ...] = ()
    live_tasks: int = 0
    active_agents: int = 0
    delivery: Delivery = field(default_factory=Delivery)
    result_id: str | None = None
    initial_task_id: str | None = None

    @property
    def definition_name(self) -> str:
        """The definition's name, or its id where the server gives no name."""
        return self.name or self.definition_id

    @property
    def sign(self) -> Sign:
        """How it stands, in the vocabulary of all faces."""
        return sign_of_workflow(self.condition.name, self.status)

    @property
    def standing(self) -> str:
        """Glyph and words of how it stands: ``✓ quiet``."""
        sign = self.sign
        return f"{sign.glyph} {self.condition.words}" if sign == Sign.DONE else sign.shown

    @property
    def total_tasks(self) -> int:
        """Tasks in any state, without duplicates of others."""
        return work_of(self.task_counts)

    @property
    def active_tasks(self) -> int:
        """Tasks that are not final yet."""
        return self.live_tasks

    @property
    def done_tasks(self) -> int:
        """Tasks that are done."""
        return self.task_counts.get(TaskStatus.DONE, 0)

    @property
    def failed_tasks(self) -> int:
        """Tasks that failed for good."""
        return self.task_counts.get(TaskStatus.FAILED, 0)


@dataclass(frozen=True, kw_only=True)
class Event:
    """A change that the server recorded."""

    seq: int
    """Number in the order of all events."""
    type: str = ""
    """``<noun>.<what happened>``, e.g. ``task.created``."""
    at: datetime | None = None
    workflow_id: str | None = None
    task_id: str | None = None
    agent_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EventPage:
    """A page of the event log."""

    items: tuple[Event, ...] = ()
    last_seq: int = 0
    """Number for the next call."""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """The queue of the whole system, and a page of the tasks in it."""

    queued: int = 0
    running: int = 0
    max_concurrent_agents: int = 0
    items: tuple[Task, ...] = ()
    next_cursor: str | None = None
    """Cursor of the next page; None at the end."""


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """A page of a task's events, and all attempts, oldest first."""

    items: tuple[Event, ...] = ()
    last_seq: int = 0
    """Number to ask after next time."""
    attempts: tuple[Agent, ...] = ()
