"""Views of diagnoses: immutable snapshots of the server's at the moment of the call."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """One run of the diagnostician on a workflow that stood still; times are UTC."""

    id: str = ""
    workflow_id: str = ""
    number: int = 0
    """From 1 within the workflow."""
    status: str = ""
    """running, completed or failed."""
    cause: str = ""
    """Why the workflow stood still, as its condition named it."""
    reason: str = ""
    """The same in words."""
    task_id: str = ""
    """The task of its agent."""
    tasks_created: int = 0
    """Counted at its end, without duplicates of other tasks."""
    report: str | None = None
    """Its agent's own words, or the reason of its failure."""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Diagnoses:
    """The runs of a workflow, and what comes next."""

    outlook: str = ""
    """Whether another run is due, and otherwise why not, in a sentence."""
    due_at: datetime | None = None
    """When the next run may start; None: none is to be expected."""
    items: tuple[Diagnosis, ...] = ()
    """The newest first."""
