"""Output of agents on other machines: readers ask, the host shares the end of it, all in rows.

Nobody connects to a host. While nobody asks, nothing is written; while somebody follows, the host
writes at most once a second, however many follow.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.db.engine import Database, ring

#: Bytes of an agent's output that are shared, counted from its end.
TAIL_BYTES: Final = 256 * 1024

#: Asking again within a second changes nothing, so that many readers cost as much as one.
_ASK: Final = text("""
    INSERT INTO agent_outputs (agent_id, host, asked_at, tail)
    SELECT id, host, now(), '' FROM agents WHERE id = :agent_id
    ON CONFLICT (agent_id) DO UPDATE SET asked_at = now()
    WHERE agent_outputs.asked_at < now() - interval '1 second' AND NOT agent_outputs.complete
    RETURNING host
""")

#: Whoever adds a row pays for those that nobody has asked for in a day.
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

#: What was asked for long ago interests nobody any more.
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
    """A part of what a host has shared."""

    start: int
    """Which byte of the whole output ``data`` begins at."""
    data: bytes
    size: int
    """Bytes of the whole output, as far as it was shared."""
    complete: bool
    known: bool
    """The host has answered at least once."""
    fresh: bool
    """It has answered since somebody last asked."""


@dataclass(frozen=True)
class WantedOutput:
    """An agent whose output somebody asks its host for."""

    agent_id: UUID
    size: int
    """Bytes of it that were shared before."""
    ended: bool


def ask(db: Database, agent_id: UUID) -> None:
    """Ask an agent's host for its newest output."""
    with db.transaction() as session:
        host = session.scalar(_ASK, {"agent_id": agent_id})
        if host is not None:
            ring(session, Bell(CeleryTaskName.SHARE_OUTPUT, host_queue(host)))
            session.execute(_FORGET)


def read(db: Database, agent_id: UUID, *, offset: int, limit: int) -> SharedOutput:
    """Return a part of what was shared, from ``offset`` or the first byte that is left after it."""
    given = {"agent_id": agent_id, "offset": offset, "limit": limit}
    with db.reading() as session:
        found = session.execute(_READ, given).mappings().first()
    if found is None:
        return SharedOutput(offset, b"", offset, complete=False, known=False, fresh=False)
    return SharedOutput(**{**found, "data": bytes(found["data"])})


def wanted_on(db: Database, host: str) -> list[WantedOutput]:
    """Return the agents of ``host`` whose output somebody waits for."""
    with db.reading() as session:
        return [WantedOutput(**row) for row in session.execute(_WANTED, {"host": host}).mappings()]


def share(
    db: Database, agent_id: UUID, *, start: int | None, tail: bytes | None, complete: bool
) -> None:
    """Answer those who asked.

    Args:
        start: which byte of the whole output ``tail`` begins at.
        tail: the last bytes of it; None, as ``start``: nothing was added since the last answer.
        complete: the agent has ended.
    """
    given = {"agent_id": agent_id, "start": start, "tail": tail, "complete": complete}
    with db.transaction() as session:
        session.execute(_SHARE, given)
