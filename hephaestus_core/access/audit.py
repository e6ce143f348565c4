"""The audit log: each change with its actor, address and outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from hephaestus_core.access.models import ApiToken, AuditEntry, WrongTokens
from hephaestus_core.db.batches import in_batches
from hephaestus_core.db.engine import Database

#: Retention of entries and of revoked tokens: 13 months.
KEPT_FOR: Final = timedelta(days=400)
#: Retention of counts of wrong tokens, far longer than the window of any limit.
_COUNTED_FOR: Final = timedelta(hours=1)
#: Most entries that one statement deletes.
_BATCH: Final = 1000
#: Most statements of one sweep; the next sweep deletes the rest.
_MOST_BATCHES: Final = 100


@dataclass(frozen=True)
class AuditView:
    """An entry as readers see it."""

    id: UUID
    at: datetime
    actor: str
    """Name of the token that was used, or ``agent <id>``."""
    role: str
    action: str
    """``<noun>.<act>``, the name of the route."""
    target: dict[str, str]
    """Ids that the request named, and ``created`` for what it made."""
    address: str
    status: int
    """HTTP status of the answer; below 400 the change was made."""
    idempotency_key: str | None
    """Two entries with the same key of the same actor are one change, sent twice."""


@dataclass(frozen=True, kw_only=True)
class Deed:
    """The content of an entry: ids only, no bodies, no secrets."""

    actor: str
    role: str
    action: str
    target: Mapping[str, str]
    address: str
    status: int
    idempotency_key: str | None = None


def record(db: Database, deed: Deed) -> None:
    """Write one entry, in a transaction of its own."""
    with db.transaction() as session:
        session.execute(insert(AuditEntry), {**vars(deed), "target": dict(deed.target)})


def list_entries(
    db: Database, *, limit: int = 50, cursor: tuple[datetime, UUID] | None = None
) -> tuple[list[AuditView], tuple[datetime, UUID] | None]:
    """Return a page of entries, newest first, and the cursor of the next page."""
    query = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    if cursor is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < cursor)
    with db.reading() as session:
        found = [_view(entry) for entry in session.scalars(query.limit(limit + 1))]
    shown = found[:limit]
    more = (shown[-1].at, shown[-1].id) if len(found) > limit else None
    return shown, more


def sweep(db: Database, *, at_once: int = _BATCH) -> int:
    """Delete expired entries, and return how many entries of the log were deleted.

    Each statement deletes `at_once` entries at most and commits, so it holds locks only briefly.
    """
    with db.transaction() as session:
        session.execute(delete(WrongTokens).where(WrongTokens.since < func.now() - _COUNTED_FOR))
        session.execute(delete(ApiToken).where(ApiToken.revoked_at < func.now() - KEPT_FOR))
    old = select(AuditEntry.id).where(AuditEntry.at < func.now() - KEPT_FOR)
    batch = old.order_by(AuditEntry.at).limit(at_once)
    gone = delete(AuditEntry).where(AuditEntry.id.in_(batch)).returning(AuditEntry.id)

    def delete_old(session: Session) -> int:
        return len(session.scalars(gone).all())

    return in_batches(db, delete_old, at_once=at_once, most=_MOST_BATCHES)


def _view(entry: AuditEntry) -> AuditView:
    return AuditView(
        id=entry.id,
        at=entry.at,
        actor=entry.actor,
        role=entry.role,
        action=entry.action,
        target=entry.target,
        address=entry.address,
        status=entry.status,
        idempotency_key=entry.idempotency_key,
    )
