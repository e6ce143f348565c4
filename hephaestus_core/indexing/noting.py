"""The pass that notes the texts of memories and tasks, so that they get vectors.

It follows the event log after a cursor for each kind of text: a first pass finds all that there
was before, and a repeated one changes nothing. Creations of tasks do not wait for it.
"""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import Database
from hephaestus_core.indexing.models import IndexedEvents
from hephaestus_core.intake import comparing
from hephaestus_core.memory import rules as memory
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.vectors import store

#: Events that one transaction reads.
_AT_ONCE: Final = 2_000

_OF_MEMORIES: Final = (
    EventType.MEMORY_SAVED,
    EventType.MEMORY_EDITED,
    EventType.MEMORY_FORGOTTEN,
    EventType.MEMORY_RESTORED,
    EventType.MEMORY_DELETED,
)

_LAST: Final = text("""
    SELECT max(seq) FROM (
        SELECT seq FROM events WHERE seq > :after ORDER BY seq LIMIT :most
    ) part
""")

_CHANGED: Final = text("""
    SELECT DISTINCT coalesce(CAST(data->>'memory_id' AS uuid), task_id) AS id FROM events
    WHERE seq > :after AND seq <= :last AND type = ANY(:types)
""")

_MEMORIES: Final = text("""
    SELECT id, text, repository, is_global FROM memories
    WHERE id = ANY(CAST(:ids AS uuid[])) AND forgotten_at IS NULL
""")

#: Tasks of a workflow that is over are compared with no new one.
_TASKS: Final = text("""
    SELECT t.id, t.workflow_id, t.phase_id, t.kind, t.title, t.description
    FROM tasks t JOIN workflows w ON w.id = t.workflow_id
    WHERE t.id = ANY(CAST(:ids AS uuid[])) AND t.phase_id IS NOT NULL AND w.status = 'active'
    ORDER BY t.id
""")


def note_changed(db: Database, *, with_tasks: bool) -> bool:
    """Note what was saved, edited or deleted since the last pass; say whether some is left.

    Args:
        with_tasks: whether tasks are searched by meaning: their vectors cost room and time.
    """
    left = _followed(db, memory.COLLECTION, _OF_MEMORIES, _note_memories)
    if with_tasks:
        left |= _followed(db, comparing.COLLECTION, [EventType.TASK_CREATED], _note_tasks)
    return left


def _followed(
    db: Database,
    collection: str,
    types: Sequence[EventType],
    note: Callable[[Session, list[str]], None],
) -> bool:
    with db.reading() as session:
        cursor = session.get(IndexedEvents, collection)
        after = 0 if cursor is None else cursor.seq
        if session.scalar(_LAST, {"after": after, "most": 1}) is None:
            return False
    with db.transaction() as session:
        after = _locked(session, collection)
        last = session.scalar(_LAST, {"after": after, "most": _AT_ONCE})
        if last is None:
            return False
        given = {"after": after, "last": last, "types": [str(each) for each in types]}
        ids = [str(each) for each in session.scalars(_CHANGED, given) if each is not None]
        if ids:
            note(session, ids)
        session.get_one(IndexedEvents, collection).seq = last
    return True


def _locked(session: Session, collection: str) -> int:
    """Return the cursor, locked, so that two passes do not do the same work."""
    row = {"collection": collection}
    session.execute(insert(IndexedEvents).values(row).on_conflict_do_nothing())
    query = select(IndexedEvents.seq).where(IndexedEvents.collection == bindparam("collection"))
    return session.scalars(query.with_for_update(), row).one()


def _note_memories(session: Session, ids: list[str]) -> None:
    there = {row.id: row for row in session.execute(_MEMORIES, {"ids": ids})}
    for id_ in sorted(map(UUID, ids)):
        found = there.get(id_)
        if found is None:
            store.forget(session, memory.COLLECTION, id_)
            continue
        scope = memory.EVERYWHERE if found.is_global else found.repository
        store.note(session, memory.COLLECTION, id_, scope=scope, content=found.text)


def _note_tasks(session: Session, ids: list[str]) -> None:
    for row in session.execute(_TASKS, {"ids": ids}):
        if KINDS[row.kind].is_compared:
            scope = comparing.vector_scope(row.workflow_id, row.phase_id)
            content = comparing.whole_text(row.title, row.description)
            store.note(session, comparing.COLLECTION, row.id, scope=scope, content=content)
