"""Rows of judgements on agents; every function joins the open transaction."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.views import Reply
from hephaestus_core.trajectories.models import TrajectorySummary
from hephaestus_core.trajectories.rules import Seen, Trajectory
from hephaestus_core.trajectories.views import TrajectoryView

#: Judgements that are kept of each agent, beside those that are followed up.
MOST_KEPT: Final = 20
_ANSWERED: Final = TrajectorySummary.outcome == LlmOutcome.ANSWERED
_SHOWN: Final = tuple(each.name for each in fields(TrajectoryView))
#: Built once: each reader of agents runs it.
_NEWEST: Final = (
    select(TrajectorySummary.agent_id, *(getattr(TrajectorySummary, name) for name in _SHOWN))
    .where(TrajectorySummary.agent_id.in_(bindparam("agent_ids", expanding=True)), _ANSWERED)
    .ext(distinct_on(TrajectorySummary.agent_id))
    .order_by(TrajectorySummary.agent_id, TrajectorySummary.id.desc())
)


def newest_of(session: Session, agent_ids: Collection[UUID]) -> dict[UUID, TrajectoryView]:
    """Return the newest judgement on each of these agents."""
    if not agent_ids:
        return {}
    found = session.execute(_NEWEST, {"agent_ids": list(agent_ids)})
    return {agent_id: _view(shown) for agent_id, *shown in found}


def past_of(
    session: Session, agent_ids: Collection[UUID], *, limit: int
) -> dict[UUID, list[TrajectoryView]]:
    """Return the newest judgements on each of these agents, oldest first."""
    newest = _numbered(agent_ids, _ANSWERED)
    query = (
        select(TrajectorySummary.agent_id, *(getattr(TrajectorySummary, n) for n in _SHOWN))
        .join(newest, newest.c.id == TrajectorySummary.id)
        .where(newest.c.place <= limit)
        .order_by(TrajectorySummary.id)
    )
    found: dict[UUID, list[TrajectoryView]] = {}
    for agent_id, *shown in session.execute(query):
        found.setdefault(agent_id, []).append(_view(shown))
    return found


def last_seen(
    session: Session, agent_ids: Collection[UUID]
) -> dict[UUID, tuple[datetime, Seen | None]]:
    """Return when a model was last asked about each of these agents, and its situation then."""
    query = (
        select(TrajectorySummary.agent_id, TrajectorySummary.asked_at, TrajectorySummary.seen)
        .where(TrajectorySummary.agent_id.in_(agent_ids))
        .ext(distinct_on(TrajectorySummary.agent_id))
        .order_by(TrajectorySummary.agent_id, TrajectorySummary.id.desc())
    )
    return {row.agent_id: (row.asked_at, Seen(**row.seen)) for row in session.execute(query)}


def add(
    session: Session,
    agent_id: UUID,
    seen: Seen,
    reply: Reply[Trajectory],
    answer: Trajectory | None,
    *,
    sampled: bool,
) -> None:
    """Keep a judgement."""
    told: dict[str, Any] = {} if answer is None else answer.model_dump()
    session.add(
        TrajectorySummary(
            agent_id=agent_id,
            outcome=reply.outcome,
            model=reply.model,
            seen=asdict(seen),
            sampled=sampled,
            **told,
        )
    )


def forget_oldest(session: Session, agent_ids: Collection[UUID]) -> None:
    """Forget the oldest judgements on each of these agents that nothing needs any more."""
    newest = _numbered(agent_ids)
    old = select(newest.c.id).where(newest.c.place > MOST_KEPT)
    session.execute(
        delete(TrajectorySummary).where(TrajectorySummary.id.in_(old), ~TrajectorySummary.sampled)
    )


def _numbered(agent_ids: Collection[UUID], *wanted: ColumnElement[bool]) -> Subquery:
    """Return the judgements on agents, each with its place among those on its agent, from 1."""
    place = func.row_number().over(
        partition_by=TrajectorySummary.agent_id, order_by=TrajectorySummary.id.desc()
    )
    return (
        select(TrajectorySummary.id, place.label("place"))
        .where(TrajectorySummary.agent_id.in_(agent_ids), *wanted)
        .subquery()
    )


def mark_steered(session: Session, agent_id: UUID) -> None:
    """Note with the newest judgement on an agent that the agent was sent a message for it."""
    newest = (
        select(TrajectorySummary.id)
        .where(TrajectorySummary.agent_id == agent_id, _ANSWERED)
        .order_by(TrajectorySummary.id.desc())
        .limit(1)
    )
    session.execute(
        update(TrajectorySummary)
        .where(TrajectorySummary.id.in_(newest))
        .values(steered_at=func.now())
    )


def _view(shown: Sequence[Any]) -> TrajectoryView:
    return TrajectoryView(**dict(zip(_SHOWN, shown, strict=True)))
