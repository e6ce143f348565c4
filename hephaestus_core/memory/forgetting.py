"""Forgetting memories by policy: they are told no more, can be restored, and later are deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import Forgotten
from hephaestus_core.db.batches import in_batches
from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import emit
from hephaestus_core.memory.models import Memory
from hephaestus_core.settings.config import Settings

#: Memories that one transaction forgets or deletes, and most transactions of one sweep for each;
#: the next sweep does the rest.
_BATCH: Final = 200
_MOST_BATCHES: Final = 50

#: Locked as by ``store.lock``. Those that somebody changes just now wait for the next sweep.
_UNUSED: Final = text("""
    SELECT m.id FROM memories m
    WHERE m.forgotten_at IS NULL AND m.saved_at < now() - :age
      AND NOT EXISTS (SELECT FROM memory_uses u
                      WHERE u.memory_id = m.id AND u.used_at >= now() - :age)
      AND NOT EXISTS (SELECT FROM memory_opinions o
                      WHERE o.memory_id = m.id AND o.rated_at >= now() - :age)
    ORDER BY m.saved_at LIMIT :most FOR NO KEY UPDATE OF m SKIP LOCKED
""")
_WRONG: Final = text("""
    WITH wrong AS (
        SELECT memory_id FROM memory_uses WHERE rating = 'wrong'
        UNION ALL SELECT memory_id FROM memory_opinions WHERE rating = 'wrong'
    )
    SELECT m.id FROM memories m
    JOIN (SELECT memory_id FROM wrong GROUP BY memory_id HAVING count(*) >= :ratings) judged
      ON judged.memory_id = m.id
    WHERE m.forgotten_at IS NULL
    LIMIT :most FOR NO KEY UPDATE OF m SKIP LOCKED
""")


@dataclass(frozen=True)
class Policy:
    """When memories are forgotten, and when they are deleted."""

    unused_days: float = 90.0
    """For which nobody was told it, said it again or rated it."""
    wrong_ratings: int = 2
    """Of different agents or people, each by its latest rating."""
    kept_days: float = 90.0
    """For which a forgotten memory can be restored."""


def forgetting_policy(settings: Settings) -> Policy:
    """Return the policy of the settings."""
    return Policy(
        settings.memory_unused_days, settings.memory_wrong_ratings, settings.memory_kept_days
    )


def sweep(db: Database, policy: Policy, *, at_once: int = _BATCH) -> tuple[int, int]:
    """Forget what the policy says; return how many were forgotten, and how many deleted for good.

    Two sweeps at the same time forget nothing twice; a killed one leaves the rest to the next.
    """
    unused = {"age": timedelta(days=policy.unused_days), "most": at_once}
    wrong = {"ratings": policy.wrong_ratings, "most": at_once}

    def forget_unused(session: Session) -> int:
        ids = session.scalars(_UNUSED, unused).all()
        return _forget(session, ids, Forgotten.UNUSED)

    def forget_wrong(session: Session) -> int:
        ids = session.scalars(_WRONG, wrong).all()
        return _forget(session, ids, Forgotten.WRONG)

    def delete_old(session: Session) -> int:
        return _delete(session, timedelta(days=policy.kept_days), at_once)

    swept = partial(in_batches, db, at_once=at_once, most=_MOST_BATCHES)
    return swept(forget_wrong) + swept(forget_unused), swept(delete_old)


def forget_if_wrong(session: Session, memory: Memory, *, wrong: int, policy: Policy) -> None:
    """Forget a locked memory at once if enough rate it wrong.

    Args:
        session: the open one.
        memory: locked.
        wrong: how many rate it so.
        policy: says how many are enough.
    """
    if memory.forgotten_at is None and wrong >= policy.wrong_ratings:
        _forget(session, [memory.id], Forgotten.WRONG)
        session.refresh(memory)


def restored(session: Session, memory: Memory) -> None:
    """Let a locked memory be told again."""
    memory.forgotten_at = memory.forgotten_because = None
    emit(session, EventType.MEMORY_RESTORED, memory_id=str(memory.id))


def _forget(session: Session, ids: Sequence[UUID], because: Forgotten) -> int:
    if not ids:
        return 0
    told = session.execute(
        update(Memory)
        .where(Memory.id.in_(ids))
        .values(forgotten_at=func.now(), forgotten_because=because)
        .returning(Memory.id, Memory.text)
    )
    for row in sorted(told.all()):
        _tell(session, EventType.MEMORY_FORGOTTEN, row.id, row.text, because)
    return len(ids)


def _delete(session: Session, kept: timedelta, most: int) -> int:
    old = (
        select(Memory.id)
        .where(Memory.forgotten_at < func.now() - kept)
        .order_by(Memory.forgotten_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    gone = session.execute(
        delete(Memory)
        .where(Memory.id.in_(session.scalars(old).all()))
        .returning(Memory.id, Memory.text, Memory.forgotten_because)
    ).all()
    for row in gone:
        _tell(session, EventType.MEMORY_DELETED, row.id, row.text, row.forgotten_because)
    return len(gone)


def _tell(
    session: Session, type_: EventType, id_: UUID, told: str, because: Forgotten | None
) -> None:
    emit(session, type_, memory_id=str(id_), because=str(because), text=told[:500])
