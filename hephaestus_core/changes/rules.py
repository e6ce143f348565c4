"""Values about merges and deliveries."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from hephaestus_core.contract.diffs import FileChange
from hephaestus_core.contract.policies import ConflictPolicy
from hephaestus_core.contract.statuses import MergeStatus

#: Reason of a conflict that agents did not resolve.
LEFT_TO_PEOPLE: Final = (
    "the agents that were asked have not resolved it; merge the branch into the integration "
    "branch by hand, and it goes on by itself"
)


@dataclass(frozen=True)
class MergeJob:
    """A saved attempt that waits to be merged."""

    merge_id: UUID
    task_id: UUID
    agent_id: UUID
    workflow_id: UUID
    tip: str
    branch: str
    title: str
    repository: str
    integration_branch: str
    base_branch: str
    base_commit: str | None
    """Where hosts saw the base branch last."""
    base_moved_to: str | None
    ended_at: datetime | None
    """When the attempt ended, by the clock of the database."""
    conflict_resolution: ConflictPolicy


@dataclass(frozen=True)
class MergeReport:
    """The outcome of a merge job: merged, nothing or conflict."""

    status: MergeStatus
    commit: str | None = None
    reason: str | None = None
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    target: str | None = None
    """Commit of the integration branch with which the work conflicts."""


@dataclass(frozen=True)
class ConflictView:
    """A file that both sides changed, and the side that was kept.

    Commits and times are those of each side's last change since the merge base; no time is later
    than the end of its attempt, where that is known.
    """

    path: str
    kind: str
    kept: str
    """ours (of the integration branch), theirs (of the task), or both: not settled."""
    ours_commit: str | None = None
    theirs_commit: str | None = None
    ours_time: datetime | None = None
    theirs_time: datetime | None = None


@dataclass(frozen=True)
class MergeView:
    """A merge as readers see it."""

    id: UUID
    workflow_id: UUID
    task_id: UUID
    agent_id: UUID
    status: MergeStatus
    commit: str | None
    tip: str
    branch: str
    reason: str | None
    files: int
    insertions: int
    deletions: int
    conflicts: list[ConflictView]
    created_at: datetime
    merged_at: datetime | None


@dataclass(frozen=True)
class DiffView:
    """The diff of a task or a workflow; without commits before any work was saved."""

    base: str | None
    commit: str | None
    files: int
    insertions: int
    deletions: int
    changes: list[FileChange]
    patch: str
    truncated: bool
    recorded_at: datetime | None


@dataclass(frozen=True)
class DeliveryJob:
    """A delivery that is due."""

    workflow_id: UUID
    round: int
    """The number of the request."""
    title: str
    repository: str
    integration_branch: str
    base_branch: str
    base_commit: str | None
    """Where hosts saw the base branch last."""
    base_moved_to: str | None
    conflict_resolution: ConflictPolicy
    approved_commit: str | None
    """The one that a person has looked at; None: whatever is merged."""


@dataclass(frozen=True)
class SpentWork:
    """A delivered workflow, and where branches may be left that it needs no more."""

    workflow_id: UUID
    repository: str
    base_branch: str
    due_at: datetime
