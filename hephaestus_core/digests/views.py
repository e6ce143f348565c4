"""What happened in workflows since a moment, as readers see it; times are UTC."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hephaestus_core.contract.statuses import Described
from hephaestus_core.lifecycle.briefs import Brief


class DecisionKind(Described):
    """The kind of a thing that was decided without a person."""

    CONFLICT = "conflict", "A merge has kept one version of a file that two had changed."
    DUPLICATE = "duplicate", "A task was not run, since another one asks for the same."
    GUARDIAN = "guardian", "The Guardian has acted on an agent."
    DELIVERY = "delivery", "The work of a workflow went to its base branch."


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One thing that was decided without a person."""

    kind: DecisionKind
    at: datetime
    text: str
    """One line; it may quote agents."""
    task_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Happened:
    """What happened in one workflow since a moment."""

    workflow: Brief
    outcome: str
    """In words, such as ``5 tasks done, 1 failed``."""
    at_work: list[tuple[datetime, datetime]]
    """When at least one agent was at work, oldest first."""
    opened_at: datetime
    """The begin of the time that is looked at, in which the workflow was open."""
    ended_at: datetime
    """The end of that time: now, or when its last task ended."""
    merges: int
    insertions: int
    """Lines that were merged, as are deletions."""
    deletions: int
    dollars: float
    """Cost of the attempts that were at work since then, from that day on."""
    unpriced_tokens: int
    """Tokens of models whose price is not known; they are not in `dollars`."""
    decisions: list[Decision]
    """The newest first."""
    more_decisions: bool

    @property
    def seconds_at_work(self) -> float:
        """For how long at least one agent was at work."""
        return sum((end - begin).total_seconds() for begin, end in self.at_work)


@dataclass(frozen=True, kw_only=True)
class DigestView:
    """What happened since a moment, the workflow with the newest activity first."""

    since: datetime
    until: datetime
    workflows: list[Happened]
    more: bool
    """Something happened in further workflows too."""
    at_work: list[Brief]
    """The workflows at work now, those with agents first."""
    more_at_work: bool
    launched_before: bool
    """There is a workflow at all."""
