"""Output of agents on other machines: a reader asks in a row, the host answers in it.

Nothing connects to a host. Without readers nothing is written; with any number of readers a host
writes at most once a second.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.db.engine import Database, ring

#: Bytes that are shared, counted from the end of the output.
TAIL_BYTES: Final = 256 * 1024

#: A request within a second of another changes nothing, so many readers cost as much as one.
_ASK: Final = text("""
    INSERT INTO agent_outputs (agent_id, host, asked_at, tail)
    SELECT id, host, now(), '' FROM agents WHERE id = :agent_id
    ON CONFLICT (agent_id) DO UPDATE SET asked_at = now()
    WHERE agent_outputs.asked_at < now() - interval '1 second' AND NOT agent_outputs.complete
    RETURNING host
""")

#: Adding a row deletes rows without a request for a day.
_FORGET: Final = text("""
    DELETE FROM agent_outputs WHERE asked_at < now() - interval '1 day'
""")

_READ: Final = text("""
    SELECT greatest(start, :offset) AS start, complete, shared_at IS NOT NULL AS known,
           coalesce(shared_at >= asked_at, false) AS fresh,
           start + octet_length(tail) AS size,
           substring(tail FROM least(greatest(:offset - start, 0), octet_length(tail))::int + 1
                     FOR :limit) AS data
    FROM agent_outputs WHERE agent_id = :agent_id
""")

#: Requests older than this are not answered.
_WANTED: Final = text("""
    SELECT o.agent_id, o.start + octet_length(o.tail) AS size, a.ended_at IS NOT NULL AS ended
    FROM agent_outputs o JOIN agents a ON a.id = o.agent_id
    WHERE o.host = :host AND o.asked_at > now() - interval '1 minute'
      AND (o.shared_at IS NULL OR o.shared_at < o.asked_at)
""")

_SHARE: Final = text("""
    UPDATE agent_outputs SET shared_at = now(), complete = :complete,
        start = coalesce(:start, start), tail = coalesce(:tail, tail)
    WHERE agent_id = :agent_id
""")


@dataclass(frozen=True)
class SharedOutput:
    """A part of the shared output."""

    start: int
    """Position of ``data`` in the whole output, in bytes."""
    data: bytes
    size: int
    """Length of the whole output as of the last answer, in bytes."""
    complete: bool
    known: bool
    """The host has answered at least once."""
    fresh: bool
    """The host has answered the last request."""


@dataclass(frozen=True)
class WantedOutput:
    """A request for an agent's output."""

    agent_id: UUID
    size: int
    """Bytes shared so far."""
    ended: bool


def ask(db: Database, agent_id: UUID) -> None:
    """Ask an agent's host for its newest output."""
    with db.transaction() as session:
        host = session.scalar(_ASK, {"agent_id": agent_id})
        if host is not None:
            ring(session, Bell(CeleryTaskName.SHARE_OUTPUT, host_queue(host)))
            session.execute(_FORGET)


def read(db: Database, agent_id: UUID, *, offset: int, limit: int) -> SharedOutput:
    """Return a part of the shared output, from ``offset`` or the first later byte that is left."""
    given = {"agent_id": agent_id, "offset": offset, "limit": limit}
    with db.reading() as session:
        found = session.execute(_READ, given).mappings().first()
    if found is None:
        return SharedOutput(offset, b"", offset, complete=False, known=False, fresh=False)
    return SharedOutput(**{**found, "data": bytes(found["data"])})


def wanted_on(db: Database, host: str) -> list[WantedOutput]:
    """Return the unanswered requests to ``host``."""
    with db.reading() as session:
        return [WantedOutput(**row) for row in session.execute(_WANTED, {"host": host}).mappings()]


def share(
    db: Database, agent_id: UUID, *, start: int | None, tail: bytes | None, complete: bool
) -> None:
    """Answer a request.

    Args:
        start: position of ``tail`` in the whole output, in bytes.
        tail: the last bytes; None, like ``start``, if nothing was added since the last answer.
        complete: the agent has ended.
    """
    given = {"agent_id": agent_id, "start": start, "tail": tail, "complete": complete}
    with db.transaction() as session:
        session.execute(_SHARE, given)
