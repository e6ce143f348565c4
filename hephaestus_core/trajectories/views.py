"""A judgement on an agent as readers see it."""

from dataclasses import dataclass, field
from datetime import datetime

from hephaestus_core.contract.trajectories import Stage, SteeringType


@dataclass(frozen=True, kw_only=True)
class TrajectoryView:
    """A model's newest judgement on an agent's way to its goal. Its texts are untrusted."""

    asked_at: datetime
    model: str | None
    alignment: float
    """From 0, its work has nothing to do with the task, to 1: it does exactly the task."""
    stage: Stage
    focus: str
    """The thing that it works on."""
    progress: str
    """What it has done so far, and what is left."""
    issues: list[str] = field(default_factory=list)
    """Where it departs from its task."""
    constraints: list[str] = field(default_factory=list)
    """Those that it has to keep."""
    lifted: list[str] = field(default_factory=list)
    """Constraints that stand no more."""
    needs_steering: bool = False
    steering_type: SteeringType | None = None
    steering_text: str = ""
    """The message that would set it right."""
    evidence: str = ""
    """The line of its screen that the wish to steer is based on."""
