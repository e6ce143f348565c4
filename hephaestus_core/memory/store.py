"""Memory rows; every function joins the open transaction."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import MemoryRating
from hephaestus_core.memory.models import Memory, MemoryOpinion, MemoryUse
from hephaestus_core.memory.rules import LearnedAt, MemoryView

#: First key of the advisory locks of repositories' memories.
_LOCK_KEY: Final = 0x4D45_4D4F

#: Who was given memories, and what agents and people say of them.
_TOLD: Final = text("""
    SELECT memory_id, count(used_at) AS uses, max(used_at) AS used_at,
           count(*) FILTER (WHERE rating = 'useful') AS useful,
           count(*) FILTER (WHERE rating = 'useless') AS useless,
           count(*) FILTER (WHERE rating = 'wrong') AS wrong
    FROM (SELECT memory_id, used_at, rating FROM memory_uses
          WHERE memory_id = ANY(CAST(:ids AS uuid[]))
          UNION ALL
          SELECT memory_id, NULL, rating FROM memory_opinions
          WHERE memory_id = ANY(CAST(:ids AS uuid[]))) told
    GROUP BY memory_id
""")

#: Most memories of a prompt whose files are looked at.
_MOST_MARKED: Final = 20

#: The columns that a view has from the row of a memory.
_COLUMNS: Final = tuple(
    name for name in MemoryView.__dataclass_fields__ if name in Memory.__table__.columns
)


def lock_scope(session: Session, repository: str) -> None:
    """Let one transaction at a time add to the memories of a repository.

    It comes after the locks of workflow, task and agent.
    """
    key = text("SELECT pg_advisory_xact_lock(:key, hashtext(:repository))")
    session.execute(key, {"key": _LOCK_KEY, "repository": repository})


def by_key(session: Session, repository: str, key: str, *, is_global: bool) -> Memory | None:
    """Return the memory of a repository, with that scope, whose words are those of the key."""
    query = select(Memory).where(
        Memory.repository == repository, Memory.is_global.is_(is_global), Memory.key == key
    )
    return session.scalar(query)


def reachable(session: Session, memory_id: UUID, repository: str) -> Memory | None:
    """Return a memory that agents at the repository may see; None: there is none."""
    memory = session.get(Memory, memory_id)
    seen = memory is not None and (memory.is_global or memory.repository == repository)
    return memory if seen else None


def views(session: Session, ids: Sequence[UUID]) -> list[MemoryView]:
    """Return memories with what their readers said, in no certain order."""
    if not ids:
        return []
    rows = list(session.scalars(select(Memory).where(Memory.id.in_(ids))))
    told = {row.memory_id: row for row in session.execute(_TOLD, {"ids": list(ids)})}
    counted = ("uses", "used_at", *map(str, MemoryRating))
    return [
        MemoryView(
            **{name: getattr(memory, name) for name in _COLUMNS},
            **{name: getattr(told[memory.id], name) for name in counted if memory.id in told},
        )
        for memory in rows
    ]


def use(session: Session, agent_id: UUID, ids: Sequence[UUID]) -> None:
    """Record that an agent was given memories; each counts once for it."""
    if ids:
        rows = [{"memory_id": each, "agent_id": agent_id} for each in sorted(ids)]
        session.execute(insert(MemoryUse).values(rows).on_conflict_do_nothing())


def learned_from_files(session: Session, agent_id: UUID) -> list[LearnedAt]:
    """Return those memories that an agent was given of which commit and files are known."""
    query = (
        select(Memory.id, Memory.commit, Memory.files)
        .join(MemoryUse, MemoryUse.memory_id == Memory.id)
        .where(MemoryUse.agent_id == agent_id, Memory.commit.is_not(None), Memory.files != [])
        .order_by(Memory.id)
        .limit(_MOST_MARKED)
    )
    rows = session.execute(query)
    return [LearnedAt(row.id, row.commit, row.files) for row in rows]


def lock(session: Session, memory_id: UUID) -> Memory | None:
    """Return a memory, so that no other transaction changes or forgets it; None: there is none."""
    query = select(Memory).where(Memory.id == memory_id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.scalar(locked)


def rate(session: Session, agent_id: UUID, memory_id: UUID, rating: MemoryRating) -> bool:
    """Record an agent's rating in place of its earlier one; say whether that changes it."""
    key = {"memory_id": memory_id, "agent_id": agent_id}
    before = session.get(MemoryUse, (memory_id, agent_id))
    if before is not None and before.rating == rating:
        return False
    statement = insert(MemoryUse).values(**key, rating=rating)
    session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={"rating": rating})
    )
    return True


def rate_as_person(session: Session, person: str, memory_id: UUID, rating: MemoryRating) -> bool:
    """Record a person's rating in place of the earlier one; say whether that changes it."""
    before = session.get(MemoryOpinion, (memory_id, person))
    if before is not None and before.rating == rating:
        return False
    now = func.now()
    statement = insert(MemoryOpinion).values(
        memory_id=memory_id, person=person, rating=rating, rated_at=now
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["memory_id", "person"], set_={"rating": rating, "rated_at": now}
        )
    )
    return True


def take_back_wrong(session: Session, memory_id: UUID) -> None:
    """Take back all ratings as wrong."""
    wrong = MemoryRating.WRONG
    session.execute(
        update(MemoryUse)
        .where(MemoryUse.memory_id == memory_id, MemoryUse.rating == wrong)
        .values(rating=None)
    )
    session.execute(
        delete(MemoryOpinion).where(
            MemoryOpinion.memory_id == memory_id, MemoryOpinion.rating == wrong
        )
    )
