"""Workflows as readers see them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hephaestus_core.conditions.views import ConditionView
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.statuses import DeliveryStatus, WorkflowStatus


@dataclass(frozen=True)
class PhaseView:
    """A phase of a workflow, with its tasks counted by state."""

    id: int
    name: str
    description: str
    task_counts: dict[str, int]


@dataclass(frozen=True)
class DeliveryView:
    """The delivery to the base branch."""

    status: DeliveryStatus
    reason: str | None
    commit: str | None
    check: CheckOutcome | None = None
    """Of the merged work, at ``check_commit``; None: none ran to its end."""
    check_commit: str | None = None


@dataclass(frozen=True)
class WorkflowView:
    """One workflow; times are UTC."""

    id: UUID
    definition_id: str
    name: str
    """The present name of the definition."""
    title: str
    """As it was given, else the first line that a person wrote, else the definition's name."""
    description: str
    status: WorkflowStatus
    repository: str
    base_branch: str
    base_moved_to: str | None
    """The commit to which the base branch was moved otherwise than forward: merges and delivery are
    held until it is restored, or a person approves. None: it was not."""
    integration_branch: str
    working_directory: str
    auto_merge: bool
    conflict_resolution: str
    max_agents: int | None
    limits: dict[str, int]
    """The most that may be created, by name of the limit."""
    limits_reached: list[str]
    """Names of the limits that have refused something since they were set."""
    launch_params: dict[str, Any]
    config: dict[str, Any]
    created_at: datetime
    completed_at: datetime | None
    closed_reason: str | None
    result_id: UUID | None
    initial_task_id: UUID | None
    delivery: DeliveryView
    condition: ConditionView
    ended_at: datetime | None
    """When the last task ended; None while one is live."""
    duration_seconds: float
    """From the start to the end of the last task, or until now while one is live."""
    task_counts: dict[str, int] = field(default_factory=dict)
    live_tasks: int = 0
    active_agents: int = 0
    phases: list[PhaseView] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DeletionCounts:
    """What goes with a workflow."""

    tasks: int
    attempts: int
    events: int
    results: int
    messages: int
    files: int
    """Files of results, and those that agents left out of their commits."""
    branches: int
    """Branches of attempts and the integration branch, as far as they were ever made."""
    unmerged_branches: int
    """Those of them whose commits nothing else is known to hold. A host looks at the repository
    before it deletes any branch."""


@dataclass(frozen=True, kw_only=True)
class DeletionView:
    """What the deletion of a workflow takes away, or how far it is once it was asked for."""

    workflow_id: UUID
    title: str
    repository: str
    counts: DeletionCounts
    dollars: float
    """What its agents have used. The ledger keeps it."""
    stays: list[str]
    """What is kept, in words."""
    refusal: str | None
    """Why it cannot be deleted now; None: it can, or its deletion is under way."""
    drops_unmerged: bool
    """Branches go even if nothing else holds their commits."""
    asked_by: str | None
    """None: nobody has asked for it yet, so this is a preview."""
    asked_at: datetime | None
    ended_at: datetime | None
    """When its rows and its branches were gone."""
    branches_kept: list[str]
    """Branches that a host has left."""
    fault: str | None
    """Why its repository could not be tended at the last try."""
