"""Results as readers see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.statuses import ResultOutcome, ResultStatus


@dataclass(frozen=True)
class FileView:
    """A file that was handed in with a result."""

    id: UUID
    path: str
    """As its agent has named it."""
    size: int
    """In bytes."""
    sha256: str


@dataclass(frozen=True)
class ResultView:
    """A result as readers see it."""

    id: UUID
    workflow_id: UUID
    task_id: UUID
    agent_id: UUID
    status: ResultStatus
    outcome: ResultOutcome
    explanation: str
    evidence: list[str]
    content: str
    files: list[FileView]
    """What was handed in with it."""
    feedback: str | None
    checks: list[CheckOutcome]
    """The outcomes of the workflow's ``result_checks``, which a host runs before anybody judges."""
    awaits_proof: list[str]
    """The types of those checks for which its author's report is still to bring the proof."""
    checked_commit: str | None
    checked_at: datetime | None
    judged_by_agent_id: UUID | None
    judged_by: str | None
    """The person who judged it; None: nobody has, or an agent."""
    submitted_at: datetime
    judged_at: datetime | None
