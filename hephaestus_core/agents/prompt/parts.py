"""The facts that prompts are written from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.statuses import TaskKind
from hephaestus_core.enrichment.rules import HintsView


@dataclass(frozen=True)
class Origin:
    """The task whose agent has created this one."""

    task_id: UUID
    title: str
    phase: str | None
    summary: str
    """Empty while that agent still works."""
    learnings: Sequence[str] = ()


@dataclass(frozen=True)
class EarlierAttempt:
    """An ended attempt at the same task."""

    attempt: int
    reason: str
    """The reason for its end."""
    created: Sequence[str] = ()
    """The tasks that it has created: id, status and title of each."""


@dataclass(frozen=True)
class Colleague:
    """A live agent of the same workflow."""

    title: str
    phase: str | None
    files: Sequence[str] = ()
    """Some of the files that its saved work changes."""


@dataclass(frozen=True)
class Hearsay:
    """Something that an agent before this one has learned."""

    memory_id: UUID
    text: str
    commit: str | None
    """The commit at which it was learned."""
    files: Sequence[str] = ()
    """That it is about. Those that have changed since are named once the start commit is known."""


@dataclass(frozen=True, kw_only=True)
class PromptParts:
    """The facts of one attempt. Texts of others are data; :class:`Marks` keeps them apart."""

    agent_id: UUID
    task_id: UUID
    workflow_id: UUID
    attempt: int
    kind: TaskKind
    created_by: str
    title: str
    description: str
    done_definition: str
    branch: str
    phase: Mapping[str, Any] | None
    """The phase's JSON shape."""
    phases: Sequence[tuple[int, str, str]]
    """Number, name and description of each phase."""
    workflow_title: str
    workflow_description: str
    launch_text: str
    """The description of the workflow's first task; empty for that task itself."""
    config: Mapping[str, Any]
    facts: Mapping[str, str] = field(default_factory=dict)
    """Facts of the project by name, such as ``test_command``."""
    rejected: Sequence[str] = ()
    """The reasons of the newest rejected results of the workflow, newest first."""
    most_tasks: int
    """Tasks that the attempt may create."""
    origin: Origin | None = None
    earlier: Sequence[EarlierAttempt] = ()
    """The ended attempts at this task, oldest first."""
    answers: Sequence[str] = ()
    """Questions of earlier attempts with their answers, in words with marks of their own."""
    hints: HintsView | None = None
    """Of a model that has seen the task's text and the names of files."""
    memories: Sequence[Hearsay] = ()
    """The most useful first."""
    colleagues: Sequence[Colleague] = ()
    auto_commit: bool = True
    """Whether the host commits the changes that an agent leaves uncommitted."""
    marks: Marks = field(default_factory=Marks)
