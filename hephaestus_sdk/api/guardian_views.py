"""Views of the Guardian's report: immutable snapshots of the server's at the moment of the call."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class SteeringFigures:
    """How often headway followed the judgements of one kind."""

    steering_type: str | None = None
    """None: those that steered nobody, for comparison."""
    judgements: int = 0
    sent: int = 0
    """How often the agent was sent a message."""
    followed: int = 0
    """How many have been followed up."""
    headway: int = 0
    no_headway: int = 0


@dataclass(frozen=True, kw_only=True)
class JudgedJudgement:
    """One judgement, with what the agent did afterwards. Its texts are untrusted."""

    agent_id: str = ""
    asked_at: datetime | None = None
    model: str | None = None
    alignment: float | None = None
    focus: str = ""
    steering_type: str | None = None
    steering_text: str = ""
    evidence: str = ""
    steered_at: datetime | None = None
    followed_at: datetime | None = None
    headway: bool | None = None
    """None: no fact tells."""
    afterwards: str = ""


@dataclass(frozen=True, kw_only=True)
class GuardianReport:
    """How good the judgements of models on agents were."""

    days: int = 0
    calls: dict[str, int] = field(default_factory=dict)
    """Calls by outcome, as far as their rows are still kept."""
    steered: int = 0
    """Messages that were sent to agents, and followed up."""
    steered_headway: int = 0
    """How many of these were followed by headway."""
    figures: tuple[SteeringFigures, ...] = ()
    sample: tuple[JudgedJudgement, ...] = ()
    """The newest that are followed up."""
