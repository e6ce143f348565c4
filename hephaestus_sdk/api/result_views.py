"""Views of what a workflow has come to."""

from dataclasses import dataclass
from datetime import datetime

from hephaestus_core.contract.statuses import ResultOutcome, ResultStatus
from hephaestus_sdk.api.review_views import CheckOutcome


@dataclass(frozen=True, kw_only=True)
class ResultFile:
    """A file that an agent has handed in with a result."""

    id: str
    path: str = ""
    """As its agent has named it, relative to the root of its worktree."""
    size: int = 0
    """In bytes."""
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkflowResult:
    """The result of a workflow.

    ``status`` is submitted, accepted or rejected for a result that an agent handed in, and
    ``missing`` where a wait ended without one; ``explanation`` then says how far the work is.
    """

    id: str | None = None
    workflow_id: str = ""
    task_id: str | None = None
    agent_id: str | None = None
    status: str = "missing"
    outcome: str = ResultOutcome.DONE
    """``done``, or why the goal was not reached, such as ``not_reproduced``."""
    explanation: str = ""
    evidence: tuple[str, ...] = ()
    content: str | None = None
    files: tuple[ResultFile, ...] = ()
    """What was handed in with it; ``client.result_file`` returns the content of one."""
    feedback: str | None = None
    checks: tuple[CheckOutcome, ...] = ()
    """The outcomes of the workflow's ``result_checks``, which run before anybody judges."""
    awaits_proof: tuple[str, ...] = ()
    """The types of those checks for which its author's report is still to bring the proof."""
    checked_commit: str | None = None
    checked_at: datetime | None = None
    judged_by_agent_id: str | None = None
    judged_by: str | None = None
    """The person who judged it; None: nobody has, or an agent."""
    submitted_at: datetime | None = None
    judged_at: datetime | None = None

    @property
    def validated(self) -> bool:
        """Whether an agent submitted a result, and another one or a person accepted it."""
        return self.status == ResultStatus.ACCEPTED

    @property
    def text(self) -> str:
        """The result's document, or the explanation where there is none."""
        return self.content or self.explanation
