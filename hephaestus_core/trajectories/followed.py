"""Judgements that are followed up; every function joins the open transaction."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.trajectories import store
from hephaestus_core.trajectories.models import TrajectorySummary
from hephaestus_core.trajectories.views import TrajectoryView

#: How long judgements are kept.
KEPT_FOR: Final = timedelta(days=30)
#: Rows that one call follows up or forgets.
_BATCH: Final = 500

_Row = TrajectorySummary


def unfollowed(session: Session) -> list[TrajectorySummary]:
    """Return the oldest judgements that are still to be followed up, locked; others take others."""
    query = (
        select(_Row)
        .where(_Row.sampled, _Row.followed_at.is_(None))
        .order_by(_Row.id)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def later(session: Session, row: TrajectorySummary) -> TrajectoryView | None:
    """Return the newest judgement on the agent after this one."""
    newest = store.newest_of(session, [row.agent_id]).get(row.agent_id)
    return newest if newest is not None and newest.asked_at > row.asked_at else None


def forget_old(session: Session) -> None:
    """Delete judgements that are too old, some at a time."""
    old = select(_Row.id).where(_Row.asked_at < func.now() - KEPT_FOR).limit(_BATCH)
    session.execute(delete(_Row).where(_Row.id.in_(old)))


def outcomes(session: Session, days: int) -> dict[str, int]:
    """Return how many calls of the last days had each outcome, of those whose rows are kept."""
    query = select(_Row.outcome, func.count()).where(_since(days)).group_by(_Row.outcome)
    return {str(outcome): count for outcome, count in session.execute(query)}


def counts(session: Session, days: int) -> list[dict[str, Any]]:
    """Return for each type of steering, and for none, how headway followed."""
    query = (
        select(
            _Row.steering_type.label("steering_type"),
            func.count().label("judgements"),
            func.count(_Row.steered_at).label("sent"),
            func.count(_Row.followed_at).label("followed"),
            func.count().filter(_Row.headway.is_(True)).label("headway"),
            func.count().filter(_Row.headway.is_(False)).label("no_headway"),
        )
        .where(_since(days), _Row.sampled)
        .group_by(_Row.steering_type)
        .order_by(_Row.steering_type)
    )
    return [dict(row) for row in session.execute(query).mappings()]


def steered(session: Session, days: int) -> tuple[int, int]:
    """Return how many texts were sent and followed up, and how many of them had headway."""
    query = select(func.count(), func.count().filter(_Row.headway.is_(True))).where(
        _since(days), _Row.steered_at.is_not(None), _Row.followed_at.is_not(None)
    )
    row = session.execute(query).one()
    return row[0], row[1]


def newest(session: Session, days: int, *, limit: int) -> Sequence[TrajectorySummary]:
    """Return the newest judgements that are followed up, newest first."""
    query = select(_Row).where(_since(days), _Row.sampled, _Row.outcome == LlmOutcome.ANSWERED)
    return session.scalars(query.order_by(_Row.id.desc()).limit(limit)).all()


def _since(days: int) -> ColumnElement[bool]:
    return _Row.asked_at > func.now() - timedelta(days=days)
