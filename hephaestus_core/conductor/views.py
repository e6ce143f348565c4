"""How the agents of a workflow get along, as readers see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hephaestus_core.contract.statuses import FindingKind


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """Two agents that are in each other's way."""

    kind: FindingKind
    agent_ids: list[UUID]
    """Of the two, the older first."""
    task_ids: list[UUID]
    """Of their tasks, in the same order."""
    detail: str
    """What it is based on, in a sentence."""
    recommendation: str
    """What to do about it."""


@dataclass(frozen=True, kw_only=True)
class CoherenceView:
    """How the live agents of a workflow get along."""

    workflow_id: UUID
    policy: str
    """What follows from it: observe, advise or act."""
    coherence: float
    """0 to 1; 1: no agent is in the way of another, and all get on."""
    agents: int
    """Live agents that were looked at; below 2 there is nothing to compare."""
    findings: list[FindingView]
    looked_at: datetime | None
    """None: nobody has looked yet."""
