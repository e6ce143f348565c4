"""Reviews as readers and hosts see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_core.contract.statuses import ReviewStatus

if TYPE_CHECKING:
    from hephaestus_core.reviews.models import Review


@dataclass(frozen=True)
class ReviewView:
    """The review of one report of a task; times are UTC."""

    id: UUID
    workflow_id: UUID
    task_id: UUID
    agent_id: UUID
    """The author's attempt."""
    commit: str
    """What is reviewed and, if it passes, merged."""
    iteration: int
    status: ReviewStatus
    unreported: bool
    """The agent ended in silence; nobody has claimed that the work is done."""
    checks: list[CheckOutcome]
    proof: dict[str, str]
    reason: str | None
    """Why a person is asked, or why it was dropped."""
    feedback: str | None
    reviewer_task_id: UUID | None
    """The task of the agent that judges."""
    decided_by: str | None
    """`checks`, an agent by its id, or a person by name."""
    created_at: datetime
    checked_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True)
class DueChecks:
    """The checks of a review or of a result that a host is to run."""

    id: UUID
    """Of the review or the result."""
    repository: str
    commit: str
    compared_with: tuple[str, ...]
    """Branches; the commit is compared with the newest that it has of the first there is."""
    base_commit: str
    """Where the attempt began: it is compared with that if there is no such branch."""
    checks: list[Check]
    proof: dict[str, str]
    setup_command: str
    test_command: str
    base_branch: str
    """The user's branch: its submodules are checked out."""
    working_directory: str
    """The folder of the repository in which set-up and commands run."""
    begun_at: str | None = None
    """Where the first attempt began, if the commit is compared with that: then work which is not
    in the branches yet, such as its creator's, does not count as its own."""


def view(review: "Review") -> ReviewView:
    """Return the review as readers see it."""
    values = {name: getattr(review, name) for name in ReviewView.__dataclass_fields__}
    checks = [CheckOutcome.from_dict(each) for each in review.checks]
    return ReviewView(**{**values, "checks": checks})
