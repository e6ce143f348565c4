"""Tasks as an outline, a graph and a timeline show them; times are UTC."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hephaestus_core.contract.signs import Sign
from hephaestus_core.contract.statuses import AgentStatus, TaskKind, TaskStatus


@dataclass(frozen=True, kw_only=True)
class OutlineTask:
    """A task in one line."""

    id: UUID
    parent_id: UUID | None
    depth: int
    """How many parents it has, one above the other."""
    phase_id: int | None
    kind: TaskKind
    title: str
    status: TaskStatus
    sign: Sign
    attempt: int
    program: str | None
    """Of the newest attempt; None before the first."""
    host: str | None
    created_by: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    note: str | None
    """Why it failed, or what its agent said at the end; its beginning."""
    merge_commit: str | None
    duplicate_of: UUID | None
    children: int
    """How many tasks its agents have created."""
    dollars: float | None
    """What its attempts have cost, as far as prices are known; None: they have used nothing."""


@dataclass(frozen=True)
class Line:
    """A task at its place."""

    task: OutlineTask
    level: int
    """From 1, below the tasks that are shown."""
    expanded: bool | None
    """Its children are shown; None: it has none."""


@dataclass(frozen=True, kw_only=True)
class More:
    """Children that are not shown, with the pages before and after the present one."""

    parent_id: UUID | None
    """None: tasks that nobody's agent created."""
    level: int
    hidden: int
    earlier: int | None
    later: int | None


@dataclass(frozen=True, kw_only=True)
class OutlineView:
    """A part of a workflow's tasks, as a tree."""

    lines: list[Line | More]
    found: int
    """How many tasks are live or failed, or match the filter."""
    shown: int
    """Of these, how many are in the outline."""
    page: int
    """Of what matches the filter, from 1."""
    more: bool
    """There is a page after it."""
    matches: frozenset[UUID] | None
    """The tasks of this page that match; None: there is no filter."""


@dataclass(frozen=True)
class GraphNode:
    """A task as a dot."""

    id: UUID
    parent: int
    """The place of its parent in the list; -1: it is not in it."""
    sign: Sign
    phase_id: int | None
    title: str


@dataclass(frozen=True)
class TimelineAttempt:
    """An attempt at a task as a bar."""

    agent_id: UUID
    task_id: UUID
    phase_id: int | None
    kind: TaskKind
    title: str
    attempt: int
    program: str
    host: str
    status: AgentStatus
    failed: bool
    stopped: bool
    """It has ended before its work was done, for a person or a budget, or with its task."""
    started_at: datetime
    ended_at: datetime | None
