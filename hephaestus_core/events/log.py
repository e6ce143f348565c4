"""The event log: events are written with their change, and read by sequence number."""

import json
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select, text
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import write_last
from hephaestus_core.events.models import Event

#: PostgreSQL channel that announces new events.
CHANNEL: Final = "hephaestus_events"

_PENDING: Final = "hephaestus.events"
#: Key of the advisory lock that makes sequence numbers appear in the order of their commits.
_LOCK_KEY: Final = 0x4845_5041

#: One round trip, since all writers wait from here to the commit. Rows get their numbers after
#: `locked` has been read; the notification is sent at the commit.
_WRITE: Final = text("""
    WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(:key), pg_notify(:channel, ''))
    INSERT INTO events (type, workflow_id, task_id, agent_id, data)
    SELECT e.type, e.workflow_id, e.task_id, e.agent_id, e.data
    FROM locked, jsonb_to_recordset(CAST(:events AS jsonb))
        AS e(type text, workflow_id uuid, task_id uuid, agent_id uuid, data jsonb)
""")


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


_COLUMNS: Final = tuple(getattr(Event, column.name) for column in fields(EventView))
#: Built once: each process that follows the log runs it after each commit.
_AFTER: Final = (
    select(*_COLUMNS)
    .where(Event.seq > bindparam("after"))
    .order_by(Event.seq)
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True)
class _Pending:
    type: str
    workflow_id: UUID | None
    task_id: UUID | None
    agent_id: UUID | None
    data: dict[str, Any] = field(default_factory=dict)


def emit(
    session: Session,
    type_: EventType,
    *,
    workflow_id: UUID | None = None,
    task_id: UUID | None = None,
    agent_id: UUID | None = None,
    **data: Any,
) -> None:
    """Record that something happened; written with the open transaction or not at all.

    Args:
        data: the values that the type says, JSON only, no secrets.

    Raises:
        ValueError: a value is missing, unknown or of another type than the registry says.
    """
    type_.check(data)
    pending = _Pending(type_, workflow_id, task_id, agent_id, data)
    session.info.setdefault(_PENDING, []).append(pending)
    write_last(session, _write_pending)


def _write_pending(session: Session) -> None:
    """Write the emitted events; the transaction must commit right after.

    The lock is held from the first number to the commit. Without it one transaction could take
    number 5, another take 6 and commit first, and a reader at 6 would miss 5. NOTIFY serializes
    commits in any case, so the lock costs almost nothing.
    """
    events: list[_Pending] = session.info.pop(_PENDING, [])
    if not events:
        return
    written = json.dumps([vars(event) for event in events], default=str)
    session.execute(_WRITE, {"key": _LOCK_KEY, "channel": CHANNEL, "events": written})


def read_after(
    session: Session,
    after: int,
    *,
    limit: int = 500,
    workflow_id: UUID | None = None,
    task_id: UUID | None = None,
) -> list[EventView]:
    """Return up to ``limit`` events with numbers above ``after``, oldest first."""
    query = _AFTER
    if workflow_id is not None:
        query = query.where(Event.workflow_id == workflow_id)
    if task_id is not None:
        query = query.where(Event.task_id == task_id)
    given = {"after": after, "limit": limit}
    return [EventView(*row) for row in session.execute(query, given)]


def read_newest(
    session: Session, *, limit: int, workflow_id: UUID | None = None, task_id: UUID | None = None
) -> list[EventView]:
    """Return the newest events of a workflow or of a task, newest first."""
    of_task = Event.task_id == task_id
    query = select(*_COLUMNS).where(Event.workflow_id == workflow_id if workflow_id else of_task)
    newest = query.order_by(Event.seq.desc()).limit(limit)
    return [EventView(*row) for row in session.execute(newest)]


def last_seq(session: Session) -> int:
    """Return the newest event's number, 0 when there is none."""
    return session.scalar(select(func.max(Event.seq))) or 0
