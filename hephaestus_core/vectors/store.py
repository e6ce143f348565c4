"""Rows of texts and vectors; every function joins the open transaction."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.bells import CONTROL_QUEUE, Bell, CeleryTaskName
from hephaestus_core.db.engine import ring
from hephaestus_core.vectors.rules import Pending, QueryVector, hash_of, read_part

#: Key of the advisory lock under which vectors change, so that the numbers of changes appear in the
#: order of commits. It comes after all other locks but that of the event log.
_LOCK_KEY: Final = 0x5645_4354

BELL: Final = Bell(CeleryTaskName.MAKE_VECTORS, CONTROL_QUEUE)

_NOTE: Final = text("""
    INSERT INTO vector_items AS kept (collection, item_id, scope, text, text_hash)
    VALUES (:collection, :item_id, :scope, :text, :text_hash)
    ON CONFLICT (collection, item_id) DO UPDATE SET
        scope = excluded.scope, text = excluded.text, text_hash = excluded.text_hash,
        model_id = CASE WHEN kept.text_hash = excluded.text_hash THEN kept.model_id END
    WHERE (kept.scope, kept.text_hash) <> (excluded.scope, excluded.text_hash)
    RETURNING xmax <> 0 AS was_known
""")

_MOVE: Final = text("""
    UPDATE vectors SET scope = :scope, change = nextval('vector_changes'),
        changed_at = clock_timestamp()
    WHERE collection = :collection AND item_id = :item_id AND scope <> :scope
""")

_FORGET: Final = text("DELETE FROM vector_items WHERE collection = :collection AND item_id = :id")

_EMPTY: Final = text("""
    UPDATE vectors SET vector = NULL, change = nextval('vector_changes'),
        changed_at = clock_timestamp()
    WHERE collection = :collection AND item_id = :id
""")

_CLEAN: Final = text("""
    DELETE FROM vectors
    WHERE vector IS NULL AND changed_at < clock_timestamp() - interval '1 day'
""")

_PENDING: Final = text("""
    SELECT collection, item_id, text, text_hash FROM vector_items
    WHERE model_id IS NULL OR model_id < :model_id OR model_id > :model_id LIMIT :limit
""")

#: A text that another transaction is changing is left for the next time: no wait, no deadlock.
_WRITE: Final = text("""
    WITH given AS (
        SELECT * FROM unnest(
            CAST(:collections AS text[]), CAST(:ids AS uuid[]), CAST(:hashes AS text[]),
            CAST(:vectors AS text[])
        ) AS g (collection, item_id, text_hash, vector)
    ), held AS (
        SELECT kept.collection, kept.item_id, kept.scope, given.vector
        FROM vector_items kept JOIN given USING (collection, item_id, text_hash)
        WHERE kept.model_id IS DISTINCT FROM :model_id
        FOR UPDATE OF kept SKIP LOCKED
    ), noted AS (
        UPDATE vector_items kept SET model_id = :model_id FROM held
        WHERE kept.collection = held.collection AND kept.item_id = held.item_id
    )
    INSERT INTO vectors (collection, item_id, model_id, dimension, scope, vector, change)
    SELECT collection, item_id, :model_id, :dimension, scope, CAST(vector AS vector),
        nextval('vector_changes')
    FROM held WHERE vector IS NOT NULL
    ON CONFLICT (collection, item_id, model_id) DO UPDATE SET
        dimension = excluded.dimension, scope = excluded.scope, vector = excluded.vector,
        change = excluded.change, changed_at = clock_timestamp()
""")


def note(session: Session, collection: str, item_id: UUID, *, scope: str, content: str) -> None:
    """Have a text found by its meaning, soon after the open transaction has committed.

    Call it whenever the text or its scope may have changed. A repeated call changes nothing.

    Args:
        collection: such as ``memories``.
        scope: a search finds texts of the scopes that it names.
        content: only its beginning is read.
    """
    read = read_part(content)
    given = {"collection": collection, "item_id": item_id, "scope": scope}
    noted = session.execute(_NOTE, {**given, "text": read, "text_hash": hash_of(read)}).first()
    if noted is None:
        return
    if noted.was_known:
        lock_changes(session)
        session.execute(_MOVE, given)
    ring(session, BELL)


def forget(session: Session, collection: str, item_id: UUID) -> None:
    """Have a text found no more."""
    given = {"collection": collection, "id": item_id}
    session.execute(_FORGET, given)
    lock_changes(session)
    session.execute(_EMPTY, given)


def nearest(
    session: Session, collection: str, scopes: Sequence[str], vector: QueryVector, limit: int
) -> list[tuple[UUID, float]]:
    """Return the texts nearest to a vector with their cosine similarities, nearest first.

    They are candidates: other work in the same wording is nearer than the same work in other words.

    Args:
        scopes: those in which it looks.
        vector: from :meth:`Vectors.embed_query`.
        limit: most texts.
    """
    found = session.execute(
        _nearest(len(vector.values)),
        {
            "collection": collection,
            "scopes": list(scopes),
            "model_id": vector.model_id,
            "vector": written(vector.values),
            "limit": limit,
        },
    )
    return [(row.item_id, row.score) for row in found]


def pending(session: Session, model_id: int, limit: int) -> list[Pending]:
    """Return texts that the model has not read, in no certain order."""
    found = session.execute(_PENDING, {"model_id": model_id, "limit": limit})
    return [Pending(*row) for row in found]


def write(
    session: Session,
    model_id: int,
    items: Sequence[Pending],
    vectors: Sequence[Sequence[float] | None],
) -> None:
    """Store the vectors of texts, unless a text has changed since it was read.

    Args:
        vectors: one per text; None: the model does not take the text.
    """
    lock_changes(session)
    made = [vector for vector in vectors if vector is not None]
    session.execute(
        _WRITE,
        {
            "collections": [item.collection for item in items],
            "ids": [str(item.item_id) for item in items],
            "hashes": [item.text_hash for item in items],
            "vectors": [None if vector is None else written(vector) for vector in vectors],
            "model_id": model_id,
            "dimension": len(made[0]) if made else 0,
        },
    )


def clean(session: Session) -> None:
    """Delete the rows of texts that have been gone for a day: a copy older than that is rebuilt."""
    session.execute(_CLEAN)


def lock_changes(session: Session) -> None:
    """Let one transaction at a time change vectors."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})


def written(vector: Sequence[float]) -> str:
    """Return a vector in the form of the database, with the digits that it keeps."""
    return f"[{','.join(f'{each:.7g}' for each in vector)}]"


def _nearest(dimension: int) -> Any:
    """Return the statement for one dimension, which the indexes are made for."""
    distance = f"vector::vector({int(dimension)}) <=> CAST(:vector AS vector({int(dimension)}))"
    # The index gives rows in nearly the right order, which the planner takes for the right one.
    return text(f"""
        WITH found AS MATERIALIZED (
            SELECT item_id, {distance} AS distance FROM vectors
            WHERE collection = :collection AND scope = ANY(:scopes) AND model_id = :model_id
              AND dimension = {int(dimension)} AND vector IS NOT NULL
            ORDER BY {distance} LIMIT :limit
        )
        SELECT item_id, 1 - distance AS score FROM found
        WHERE distance <> 'NaN' ORDER BY distance + 0, item_id
    """)  # noqa: S608 - a number
