"""Orphans of hosts as rows: found, quarantined, removed; each function is one transaction.

A step is recorded after it was done on the disk. A worker that is killed in between does it again,
which changes nothing, and then records it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import OrphanKind, OrphanStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.models import Orphan
from hephaestus_core.hosts.orphan_rules import WHY

#: Rows of one host. What is found beyond them waits until some of these are removed.
MOST: Final = 1000
#: The most that readers see.
_SHOWN: Final = 200


@dataclass(frozen=True)
class KnownOrphan:
    """An orphan as its host knows it."""

    id: UUID
    kind: OrphanKind
    name: str
    status: OrphanStatus
    waited: float
    """Seconds for which it was seen with this status."""
    place: str


@dataclass(frozen=True)
class OrphanView:
    """Something on a host that no live row of the database claims."""

    kind: OrphanKind
    name: str
    status: OrphanStatus
    why: str
    place: str
    """Where it is on the host."""
    size: int | None
    """Its bytes when it was found; None: it has none, or they are not known."""
    found_at: datetime
    obstacle: str | None
    """Why its last step failed; None: it did not."""


def known(db: Database, host: str) -> list[KnownOrphan]:
    """Return all orphans of a host."""
    with db.reading() as session:
        rows = session.scalars(select(Orphan).where(Orphan.host == host).order_by(Orphan.found_at))
        return [KnownOrphan(r.id, r.kind, r.name, r.status, r.waited, r.place) for r in rows]


def record_found(
    db: Database, host: str, kind: OrphanKind, name: str, *, place: str, size: int | None
) -> None:
    """Record the first sighting of a thing; a second one changes nothing."""
    with db.transaction() as session:
        counted = select(func.count()).select_from(Orphan).where(Orphan.host == host)
        if (session.scalar(counted) or 0) >= MOST:
            return
        new = insert(Orphan).values(
            host=host, kind=kind, name=name, status=OrphanStatus.FOUND, place=place, size=size
        )
        if session.scalar(new.on_conflict_do_nothing().returning(Orphan.id)) is not None:
            told: dict[str, Any] = {"kind": kind, "name": name, "place": place, "size": size}
            emit(session, EventType.ORPHAN_FOUND, host=host, reason=WHY[kind], **told)


def count_seconds(db: Database, ids: Collection[UUID], seconds: float) -> None:
    """Add seconds for which these were seen again with the status that they have."""
    if ids and seconds > 0:
        with db.transaction() as session:
            session.execute(
                update(Orphan).where(Orphan.id.in_(ids)).values(waited=Orphan.waited + seconds)
            )


def record_quarantined(db: Database, orphan_id: UUID, *, place: str) -> None:
    """Record that a thing was stopped or moved aside; a second report changes nothing."""
    with db.transaction() as session:
        moved = session.scalar(
            update(Orphan)
            .where(Orphan.id == orphan_id, Orphan.status == OrphanStatus.FOUND)
            .values(status=OrphanStatus.QUARANTINED, waited=0.0, place=place, obstacle=None)
            .returning(Orphan)
        )
        if moved is not None:
            _tell(session, EventType.ORPHAN_QUARANTINED, moved, place=place)


def record_removed(db: Database, orphan_id: UUID) -> None:
    """Record that nothing is left of a thing; a second report changes nothing."""
    with db.transaction() as session:
        gone = session.scalar(delete(Orphan).where(Orphan.id == orphan_id).returning(Orphan))
        if gone is not None:
            _tell(session, EventType.ORPHAN_REMOVED, gone)


def forget(db: Database, orphan_id: UUID) -> None:
    """Delete the row of a thing that is none any more: a row claims it, or it has gone itself."""
    with db.transaction() as session:
        row = delete(Orphan).where(Orphan.id == orphan_id, Orphan.status == OrphanStatus.FOUND)
        session.execute(row)


def record_obstacle(db: Database, orphan_id: UUID, reason: str) -> None:
    """Record why the next step could not be done; it is tried again."""
    with db.transaction() as session:
        session.execute(update(Orphan).where(Orphan.id == orphan_id).values(obstacle=reason[:400]))


def views_of(session: Session, host: str | None = None) -> dict[str, list[OrphanView]]:
    """Return the newest orphans by host, of one host or of all, within the open transaction."""
    query = select(Orphan).order_by(Orphan.found_at.desc(), Orphan.name).limit(_SHOWN)
    if host is not None:
        query = query.where(Orphan.host == host)
    found: dict[str, list[OrphanView]] = {}
    for row in session.scalars(query):
        found.setdefault(row.host, []).append(_view(row))
    return found


def numbers(session: Session) -> dict[str, int]:
    """Return how many orphans of each kind there are on all hosts."""
    counted = text("SELECT kind, count(*) FROM orphans GROUP BY kind")
    found = {row[0]: int(row[1]) for row in session.execute(counted)}
    return {str(kind): found.get(kind, 0) for kind in OrphanKind}


def _tell(session: Session, type_: EventType, row: Orphan, **more: Any) -> None:
    emit(session, type_, host=row.host, kind=row.kind, name=row.name, **more)


def _view(row: Orphan) -> OrphanView:
    return OrphanView(
        kind=row.kind,
        name=row.name,
        status=row.status,
        why=WHY[row.kind],
        place=row.place,
        size=row.size,
        found_at=row.found_at,
        obstacle=row.obstacle,
    )
