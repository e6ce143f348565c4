"""Diagnoses as readers see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hephaestus_core.contract.statuses import DiagnosisStatus


@dataclass(frozen=True, kw_only=True)
class DiagnosisView:
    """One run of the diagnostician; times are UTC."""

    id: UUID
    workflow_id: UUID
    number: int
    """From 1 within the workflow."""
    status: DiagnosisStatus
    cause: str
    """Why the workflow stood still, as its condition named it."""
    reason: str
    """The same in words."""
    task_id: UUID
    """The task of its agent."""
    tasks_created: int
    """Counted at its end, without duplicates of other tasks."""
    report: str | None
    """Its agent's own words, or the reason of its failure."""
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class DiagnosesView:
    """The runs of a workflow, and what comes next."""

    outlook: str
    """Whether another run is due, and otherwise why not, in a sentence."""
    due_at: datetime | None
    """When the next run may start; None: none is to be expected."""
    items: list[DiagnosisView]
    """The newest first."""
