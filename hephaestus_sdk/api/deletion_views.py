"""Views of deletions: immutable snapshots of the server's at the moment of the call."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class DeletionCounts:
    """What goes with a workflow."""

    tasks: int = 0
    attempts: int = 0
    events: int = 0
    results: int = 0
    messages: int = 0
    files: int = 0
    branches: int = 0
    unmerged_branches: int = 0
    """Those of the branches whose commits nothing else is known to hold."""


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """What the deletion of a workflow takes away; once it was asked for, how far it is."""

    workflow_id: str = ""
    title: str = ""
    repository: str = ""
    counts: DeletionCounts = field(default_factory=DeletionCounts)
    dollars: float = 0.0
    """What its agents have used. The ledger keeps it."""
    stays: tuple[str, ...] = ()
    """What is kept, in words."""
    refusal: str | None = None
    """Why it cannot be deleted now."""
    drops_unmerged: bool = False
    asked_by: str | None = None
    """None: nobody has asked for it yet, so this is a preview."""
    asked_at: datetime | None = None
    ended_at: datetime | None = None
    """When its rows and its branches were gone."""
    branches_kept: tuple[str, ...] = ()
    """Branches that a host has left."""
    fault: str | None = None
    """Why its repository could not be tended at the last try."""
