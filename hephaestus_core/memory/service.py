"""Memories as people and programs keep them: listed, searched, added, edited, deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import Conflict, NotFound
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import MemoryRating, MemoryType, checked_word
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.events.log import emit
from hephaestus_core.memory import store
from hephaestus_core.memory.forgetting import Policy, forget_if_wrong, restored
from hephaestus_core.memory.models import Memory
from hephaestus_core.memory.rules import (
    MemoryView,
    checked,
    checked_repository,
)
from hephaestus_core.memory.saving import Source, rewrite, save
from hephaestus_core.memory.searching import near_to, search
from hephaestus_core.vectors.service import Vectors

Cursor = tuple[datetime, UUID]

_MOST_REPOSITORIES: Final = 200
#: From one name to the next by the index, so that the cost grows with repositories alone.
_REPOSITORIES: Final = text("""
    WITH RECURSIVE named AS (
        SELECT min(repository) AS repository FROM memories
        UNION ALL
        SELECT (SELECT min(m.repository) FROM memories m WHERE m.repository > named.repository)
        FROM named WHERE named.repository IS NOT NULL
    )
    SELECT repository FROM named WHERE repository IS NOT NULL LIMIT :most
""")


def page_of_memories(
    db: Database,
    *,
    repository: str | None = None,
    type: str | None = None,  # noqa: A002 - the name on the wire
    forgotten: bool | None = None,
    limit: int = 50,
    cursor: Cursor | None = None,
) -> tuple[list[MemoryView], Cursor | None]:
    """Return a page of memories, newest first, and the cursor of the next page.

    Args:
        db: the database.
        repository: only those that were learned there.
        type: only of this type.
        forgotten: only forgotten ones, or only the others; None: both.
        limit: most memories of the page.
        cursor: from the page before.

    Raises:
        InvalidInput: ``type`` is none of a memory; see also :func:`checked_repository`.
    """
    query = select(Memory.id).order_by(Memory.created_at.desc(), Memory.id.desc())
    if repository is not None:
        query = query.where(Memory.repository == checked_repository(repository))
    if type is not None:
        query = query.where(Memory.type == checked_word(MemoryType, type, "type"))
    if forgotten is not None:
        query = query.where(Memory.forgotten_at.is_not(None) == forgotten)
    if cursor is not None:
        query = query.where(tuple_(Memory.created_at, Memory.id) < cursor)
    with db.reading() as session:
        ids = list(session.scalars(query.limit(limit + 1)))
        found = {each.id: each for each in store.views(session, ids)}
    shown = [found[id_] for id_ in ids[:limit] if id_ in found]
    return shown, (shown[-1].created_at, shown[-1].id) if len(ids) > limit and shown else None


def repositories(db: Database) -> list[str]:
    """Return the repositories that memories are about, by name, at most 200."""
    with db.reading() as session:
        return list(session.scalars(_REPOSITORIES, {"most": _MOST_REPOSITORIES}))


def search_memories(
    db: Database, repository: str, question: str, *, limit: int, vectors: Vectors | None = None
) -> list[MemoryView]:
    """Return the memories that answer a question, best first, as agents would find them.

    Raises:
        InvalidInput: the question is empty or too long; see also :func:`checked_repository`.
    """
    where = checked_repository(repository)
    asked = plain_text(question, "question", required=True)
    near = near_to(vectors, where, asked)
    with db.reading() as session:
        now = database_now(session)
        return search(session, where, asked, now=now, limit=limit, near=near)


def get_memory(db: Database, memory_id: UUID) -> MemoryView:
    """Return one memory.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        return _view(session, _existing(session, memory_id))


def add_memory(
    db: Database,
    repository: str,
    type_: str,
    text: str,
    *,
    tags: Sequence[str] = (),
    files: Sequence[str] = (),
    is_global: bool = False,
) -> MemoryView:
    """Add a memory, or return the one that says the same, which then has this text too.

    A global one, which agents in all repositories are told, is compared with such ones alone.

    Raises:
        InvalidInput: see :func:`checked` and :func:`checked_repository`.
    """
    order = checked(type_, text, tags=tags, files=files)
    where = checked_repository(repository)
    with db.transaction() as session:
        memory, _ = save(session, order, Source(where, is_global=is_global))
        return _view(session, memory)


def edit_memory(
    db: Database,
    memory_id: UUID,
    *,
    type: str,  # noqa: A002 - the name on the wire
    text: str,
    tags: Sequence[str] = (),
    files: Sequence[str] = (),
    is_global: bool = False,
) -> MemoryView:
    """Replace what a memory says and where it is found; its ratings and uses stay.

    Raises:
        NotFound: there is none with this id.
        InvalidInput: see :func:`checked`.
        Conflict: another one has these words.
    """
    order = checked(type, text, tags=tags, files=files)
    with db.transaction() as session:
        memory = _existing(session, memory_id)
        store.lock_scope(session, memory.repository)
        session.refresh(memory)
        rewrite(memory, order, is_global=is_global)
        with session.no_autoflush:
            same = store.by_key(session, memory.repository, memory.key, is_global=is_global)
        if same is not None and same is not memory:
            raise Conflict(
                f"Memory {same.id} has the same words; edit that one, or delete it first.",
                field="text",
            )
        emit(session, EventType.MEMORY_EDITED, memory_id=str(memory_id))
        return _view(session, memory)


def rate_memory(
    db: Database, memory_id: UUID, rating: str, *, person: str, policy: Policy
) -> MemoryView:
    """Rate a memory as a person; a later rating of the same person replaces the earlier one.

    What enough rate wrong is forgotten at once. It counts like an agent's rating, but not as a use.

    Raises:
        NotFound: there is none with this id.
        InvalidInput: the rating is unknown.
    """
    judged = checked_word(MemoryRating, rating, "rating")
    with db.transaction() as session:
        memory = _locked(session, memory_id)
        if store.rate_as_person(session, person, memory_id, judged):
            emit(
                session,
                EventType.MEMORY_RATED,
                memory_id=str(memory_id),
                rating=str(judged),
                person=person,
            )
            wrong = _view(session, memory).wrong
            forget_if_wrong(session, memory, wrong=wrong, policy=policy)
        return _view(session, memory)


def restore_memory(db: Database, memory_id: UUID) -> MemoryView:
    """Let a forgotten memory be told again; ratings as wrong are taken back. Else nothing changes.

    Raises:
        NotFound: there is none with this id, any more.
    """
    with db.transaction() as session:
        memory = _locked(session, memory_id)
        if memory.forgotten_at is not None:
            store.take_back_wrong(session, memory_id)
            memory.saved_at = database_now(session)
            restored(session, memory)
        return _view(session, memory)


def delete_memory(db: Database, memory_id: UUID) -> MemoryView:
    """Delete a memory with its ratings, and return what it was.

    Raises:
        NotFound: there is none with this id.
    """
    with db.transaction() as session:
        memory = _existing(session, memory_id)
        deleted = _view(session, memory)
        session.delete(memory)
        emit(session, EventType.MEMORY_DELETED, memory_id=str(memory_id))
        return deleted


def _locked(session: Session, memory_id: UUID) -> Memory:
    return _known(store.lock(session, memory_id), memory_id)


def _existing(session: Session, memory_id: UUID) -> Memory:
    return _known(session.get(Memory, memory_id), memory_id)


def _known(memory: Memory | None, memory_id: UUID) -> Memory:
    if memory is None:
        raise NotFound(f"No memory {memory_id}; the list of memories shows the ids.")
    return memory


def _view(session: Session, memory: Memory) -> MemoryView:
    session.flush()
    [view] = store.views(session, [memory.id])
    return view
