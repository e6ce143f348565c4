"""Writing events with the change they report, and reading them after a sequence number."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from hephaestus_core.events.models import Event

#: PostgreSQL channel that says "there are new events"; the payload is the newest number.
CHANNEL: Final = "hephaestus_events"

_PENDING: Final = "hephaestus.events"
#: Key of the advisory lock that makes sequence numbers appear in the order of their commits.
_LOCK_KEY: Final = 0x4845_5041

#: The notification is sent at the commit, wherever in the transaction it is asked for.
_LOCK_AND_NOTIFY: Final = text("SELECT pg_advisory_xact_lock(:key), pg_notify(:channel, '')")


@dataclass(frozen=True)
class EventView:
    """An event as readers see it."""

    seq: int
    type: str
    at: datetime
    workflow_id: UUID | None
    task_id: UUID | None
    agent_id: UUID | None
    data: dict[str, Any]


@dataclass(frozen=True)
class _Pending:
    type: str
    workflow_id: UUID | None
    task_id: UUID | None
    agent_id: UUID | None
    data: dict[str, Any] = field(default_factory=dict)


def emit(
    session: Session,
    type_: str,
    *,
    workflow_id: UUID | None = None,
    task_id: UUID | None = None,
    agent_id: UUID | None = None,
    **data: Any,
) -> None:
    """Record that something happened; written with the open transaction or not at all.

    Args:
        type_: ``<noun>.<past participle>``, e.g. ``task.created``.
        data: further values, JSON only, no secrets.
    """
    pending = _Pending(type_, workflow_id, task_id, agent_id, data)
    session.info.setdefault(_PENDING, []).append(pending)


def write_pending(session: Session) -> None:
    """Write the emitted events; the transaction must commit right after.

    The lock is held from the first number taken to the commit. Without it a transaction could
    take number 5, another take 6 and commit first, and a reader at 6 would never see 5. NOTIFY
    serializes commits in any case, so the lock costs next to nothing more.
    """
    events: list[_Pending] = session.info.pop(_PENDING, [])
    if not events:
        return
    session.execute(_LOCK_AND_NOTIFY, {"key": _LOCK_KEY, "channel": CHANNEL})
    session.execute(insert(Event), [asdict(event) for event in events])


def read_after(
    session: Session, after: int, *, limit: int = 500, workflow_id: UUID | None = None
) -> list[EventView]:
    """Return up to ``limit`` events with numbers above ``after``, oldest first."""
    query = select(Event).where(Event.seq > after).order_by(Event.seq).limit(limit)
    if workflow_id is not None:
        query = query.where(Event.workflow_id == workflow_id)
    return [_view(event) for event in session.scalars(query)]


def read_newest(session: Session, *, limit: int, workflow_id: UUID) -> list[EventView]:
    """Return a workflow's newest events, newest first."""
    query = select(Event).where(Event.workflow_id == workflow_id)
    return [_view(e) for e in session.scalars(query.order_by(Event.seq.desc()).limit(limit))]


def last_seq(session: Session) -> int:
    """Return the newest event's number, 0 when there is none."""
    return session.scalar(select(func.max(Event.seq))) or 0


def _view(event: Event) -> EventView:
    return EventView(
        seq=event.seq,
        type=event.type,
        at=event.at,
        workflow_id=event.workflow_id,
        task_id=event.task_id,
        agent_id=event.agent_id,
        data=event.data,
    )
