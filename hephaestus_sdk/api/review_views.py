"""Reviews of work, as the API shows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class CheckOutcome:
    """What a host found when it ran one check."""

    check_type: str
    name: str = ""
    status: str = ""
    """passed, failed or error: it could not be run."""
    says: str = ""
    seconds: float = 0.0
    exit_status: int | None = None
    command: str = ""
    output: str = ""
    """The end of the command's output."""


@dataclass(frozen=True, kw_only=True)
class Review:
    """The review of one report of a task."""

    id: str
    workflow_id: str = ""
    task_id: str = ""
    agent_id: str = ""
    """The author's attempt."""
    commit: str = ""
    """What is reviewed and, if it passes, merged."""
    iteration: int = 1
    status: str = ""
    """checking, agent_review, person_review, passed, failed or dropped."""
    unreported: bool = False
    """The agent ended in silence; nobody has claimed that the work is done."""
    checks: tuple[CheckOutcome, ...] = ()
    proof: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    """Why a person is asked, or why it was dropped."""
    feedback: str | None = None
    reviewer_task_id: str | None = None
    """The task of the agent that judges."""
    decided_by: str | None = None
    created_at: datetime | None = None
    checked_at: datetime | None = None
    decided_at: datetime | None = None
