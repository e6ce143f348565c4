"""What happened in all workflows since a moment, for somebody who comes back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from hephaestus_core.contract.conditions import Condition
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.digests import rules, store
from hephaestus_core.digests.views import Decision, DigestView, Happened
from hephaestus_core.lifecycle.briefs import Brief, briefs, busy

#: Before anything was decided.
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def digest(db: Database, since: datetime, *, most: int = 12, most_at_work: int = 8) -> DigestView:
    """Return what happened since a moment, and what goes on.

    Args:
        since: the moment.
        most: workflows at most in which something happened, the newest activity first.
        most_at_work: workflows at most that are at work.
    """
    with db.snapshot() as session:
        now = database_now(session)
        touched = store.touched(session, since, most=most + 1)
        working = busy(session, most=most_at_work + 1)
        ids, busy_ids = touched[:most], working[:most_at_work]
        known = briefs(session, list({*ids, *busy_ids}))
        read = _read(session, ids, since, now) if ids else None
        before = bool(known) or store.was_launched(session)
    at_work = [known[id_] for id_ in busy_ids]
    return DigestView(
        since=since,
        until=now,
        workflows=[_of(known[id_], read, since, now) for id_ in ids] if read else [],
        more=len(touched) > most,
        at_work=[one for one in at_work if one.active_agents or _is_at_work(one)],
        more_at_work=len(working) > most_at_work,
        launched_before=before,
    )


def decisions_of(
    db: Database, workflow_id: UUID, *, before: datetime | None = None, most: int = 100
) -> tuple[list[Decision], datetime | None]:
    """Return what was decided in a workflow without a person, and before when there is more.

    Args:
        db: the database.
        workflow_id: of the workflow.
        before: only what was decided earlier.
        most: decisions, the newest first; more only where several have the time of the last one.
    """
    with db.snapshot() as session:
        found = store.decisions(session, [workflow_id], _EVER, before).get(workflow_id, [])
        delivered = store.delivered(session, [workflow_id], _EVER).get(workflow_id)
    found = _with_delivery(found, delivered, before)
    last = found[most - 1].at if len(found) > most else None
    shown = found if last is None else [each for each in found if each.at >= last]
    return shown, last if len(found) > len(shown) else None


def _with_delivery(
    decisions: list[Decision], delivered: Row[Any] | None, before: datetime | None = None
) -> list[Decision]:
    """Return the decisions with the delivery, if nobody was asked for it, the newest first."""
    if delivered is None or not delivered.auto_merge:
        return decisions
    told = rules.delivery(delivered)
    if before is not None and told.at >= before:
        return decisions
    return sorted([*decisions, told], key=lambda each: each.at, reverse=True)


def _is_at_work(workflow: Brief) -> bool:
    return workflow.condition.name == Condition.AT_WORK


@dataclass(frozen=True)
class _Read:
    """What was read of all workflows, by workflow."""

    stretches: dict[UUID, list[store.Stretch]]
    ended: dict[UUID, dict[str, int]]
    merged: dict[UUID, Row[Any]]
    used: dict[UUID, Row[Any]]
    delivered: dict[UUID, Row[Any]]
    decisions: dict[UUID, list[Decision]]


def _read(session: Session, ids: list[UUID], since: datetime, now: datetime) -> _Read:
    return _Read(
        store.stretches(session, ids, since, now),
        store.ended(session, ids, since),
        store.merged(session, ids, since),
        store.used(session, ids, since),
        store.delivered(session, ids, since),
        store.decisions(session, ids, since),
    )


def _of(workflow: Brief, read: _Read, since: datetime, now: datetime) -> Happened:
    id_ = workflow.id
    merged, used, delivered = (rows.get(id_) for rows in (read.merged, read.used, read.delivered))
    decisions = _with_delivery(read.decisions.get(id_, []), delivered)
    opened = max(since, workflow.created_at)
    return Happened(
        workflow=workflow,
        outcome=rules.outcome(
            read.ended.get(id_, {}),
            delivered_to=None if delivered is None else delivered.base_branch,
            launched=workflow.created_at > since,
        ),
        at_work=read.stretches.get(id_, []),
        opened_at=opened,
        ended_at=max(opened, _ended(workflow) or now),
        merges=merged.merges if merged else 0,
        insertions=int(merged.insertions) if merged else 0,
        deletions=int(merged.deletions) if merged else 0,
        dollars=float(used.dollars) if used else 0.0,
        unpriced_tokens=int(used.unpriced_tokens) if used else 0,
        decisions=decisions[: rules.MOST_DECISIONS],
        more_decisions=len(decisions) > rules.MOST_DECISIONS,
    )


def _ended(workflow: Brief) -> datetime | None:
    """Return when a workflow came to rest; None while something is left to be done."""
    if workflow.condition.name not in {Condition.QUIET, Condition.OVER}:
        return None
    return workflow.ended_at or workflow.completed_at
