"""Views of coherence: immutable snapshots of the server's at the moment of the call."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class CoherenceFinding:
    """Two agents that are in each other's way."""

    kind: str = ""
    """duplicate, alike or contention."""
    agent_ids: tuple[str, ...] = ()
    """Of the two, the older first."""
    task_ids: tuple[str, ...] = ()
    """Of their tasks, in the same order."""
    detail: str = ""
    """What it is based on, in a sentence."""
    recommendation: str = ""
    """What to do about it."""


@dataclass(frozen=True, kw_only=True)
class Coherence:
    """How the live agents of a workflow get along."""

    workflow_id: str = ""
    policy: str = ""
    """What follows from it: observe, advise or act."""
    coherence: float = 1.0
    """0 to 1; 1: no agent is in the way of another, and all get on."""
    agents: int = 0
    """Live agents that were looked at; below 2 there is nothing to compare."""
    findings: tuple[CoherenceFinding, ...] = ()
    looked_at: datetime | None = None
    """None: nobody has looked yet."""
