"""Judgements are judged: what agents did after them, and a report on that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents import watches
from hephaestus_core.agents.states import ENDED
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.contract.trajectories import SteeringType
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.tasks import store as tasks
from hephaestus_core.trajectories import followed
from hephaestus_core.trajectories.rules import Afterwards, Seen, headway

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.agents.views import Watch
    from hephaestus_core.trajectories.models import TrajectorySummary

#: How long an agent has until it is looked at what it did after a judgement.
FOLLOWED_AFTER: Final = timedelta(minutes=10)
#: Judgements that the report shows.
_MOST_SHOWN: Final = 20
_REPORTED: Final = {TaskStatus.UNDER_REVIEW, TaskStatus.DONE}


@dataclass(frozen=True, kw_only=True)
class SteeringFigures:
    """How often headway followed the judgements of one kind."""

    steering_type: SteeringType | None
    """None: those that steered nobody, for comparison."""
    judgements: int
    sent: int
    """How often the agent was sent the text."""
    followed: int
    """How many have been followed up."""
    headway: int
    no_headway: int


@dataclass(frozen=True, kw_only=True)
class JudgedJudgement:
    """One judgement, with what the agent did afterwards. Its texts are untrusted."""

    agent_id: UUID
    asked_at: datetime
    model: str | None
    alignment: float | None
    focus: str
    steering_type: SteeringType | None
    steering_text: str
    evidence: str
    steered_at: datetime | None
    followed_at: datetime | None
    headway: bool | None
    afterwards: str


@dataclass(frozen=True, kw_only=True)
class GuardianReport:
    """How good the judgements of models on agents were."""

    days: int
    calls: dict[str, int]
    """Calls by outcome, as far as their rows are still kept."""
    steered: int
    """Texts that were sent to agents, and followed up."""
    steered_headway: int
    """How many of these were followed by headway."""
    figures: list[SteeringFigures]
    sample: list[JudgedJudgement]
    """The newest that are followed up."""


def follow_up(db: Database) -> int:
    """Note what agents did after the judgements that are due for it; return how many were noted.

    Judgements that are too old to be kept are forgotten. Several hosts may call it at once.
    """
    with db.transaction() as session:
        now = database_now(session)
        waiting = followed.unfollowed(session)
        ids = {row.agent_id for row in waiting}
        known = {agent.id: agent for agent in agents.of_ids(session, ids)}
        seen = watches.watches_of(session, ids)
        noted = 0
        for row in waiting:
            agent = known[row.agent_id]
            if agent.status in ENDED or row.asked_at <= now - FOLLOWED_AFTER:
                _note(session, row, agent, seen.get(agent.id))
                noted += 1
        followed.forget_old(session)
        return noted


def report(db: Database, *, days: int = 7) -> GuardianReport:
    """Return how good the judgements of the last days were."""
    with db.reading() as session:
        counted = followed.counts(session, days)
        figures = [SteeringFigures(**row) for row in counted]
        steered, with_headway = followed.steered(session, days)
        return GuardianReport(
            days=days,
            calls=followed.outcomes(session, days),
            steered=steered,
            steered_headway=with_headway,
            figures=figures,
            sample=_sample(followed.newest(session, days, limit=_MOST_SHOWN)),
        )


def _note(
    session: Session, row: "TrajectorySummary", agent: "Agent", watch: "Watch | None"
) -> None:
    after = Afterwards(
        reported=_is_reported(session, agent),
        ended=agent.status in ENDED,
        verdict=None if watch is None else watch.verdict,
        commit=agent.checkpoint_commit,
        later=followed.later(session, row),
    )
    row.headway, row.afterwards = headway(Seen(**row.seen), row.alignment or 0.0, after)
    row.followed_at = database_now(session)


def _is_reported(session: Session, agent: "Agent") -> bool:
    task = tasks.get(session, agent.task_id)
    return task.attempt == agent.attempt and task.status in _REPORTED


def _sample(rows: Sequence["TrajectorySummary"]) -> list[JudgedJudgement]:
    return [
        JudgedJudgement(
            agent_id=row.agent_id,
            asked_at=row.asked_at,
            model=row.model,
            alignment=row.alignment,
            focus=row.focus,
            steering_type=row.steering_type,
            steering_text=row.steering_text,
            evidence=row.evidence,
            steered_at=row.steered_at,
            followed_at=row.followed_at,
            headway=row.headway,
            afterwards=row.afterwards,
        )
        for row in rows
    ]
