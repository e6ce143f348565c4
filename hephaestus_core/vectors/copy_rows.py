"""Rows of the copies in Qdrant; every function joins the open transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.vectors.models import StoredVector, VectorCopy

#: The number of the last change of a collection's vectors; 0: it has none.
_LAST: Final = text("""
    SELECT coalesce(max(change), 0) FROM vectors
    WHERE model_id = :model_id AND collection = :collection
""")

_COLLECTIONS: Final = text("SELECT DISTINCT collection FROM vectors WHERE model_id = :model_id")

_KEPT: Final = text("""
    SELECT item_id FROM vectors
    WHERE collection = :collection AND model_id = :model_id AND item_id = ANY(CAST(:ids AS uuid[]))
      AND scope = ANY(:scopes) AND vector IS NOT NULL
""")


@dataclass(frozen=True)
class Changed:
    """A vector that has changed; None: its text is gone."""

    item_id: UUID
    scope: str
    vector: list[float] | None
    change: int


def copy_of(session: Session, collection: str, model_id: int) -> VectorCopy:
    """Return the copy of a collection, with a row of its own from now on."""
    # Stacks that share a Qdrant server have different names.
    name = f"hephaestus-{collection}-{uuid4().hex[:12]}"
    values = {"collection": collection, "model_id": model_id, "name": name}
    session.execute(insert(VectorCopy).values(values).on_conflict_do_nothing())
    return session.get_one(VectorCopy, (collection, model_id))


def find(session: Session, collection: str, model_id: int) -> VectorCopy | None:
    """Return the copy of a collection; None: there is none yet."""
    return session.get(VectorCopy, (collection, model_id))


def of_other_models(session: Session, model_id: int) -> list[VectorCopy]:
    """Return the copies of models that do not answer."""
    return list(session.scalars(select(VectorCopy).where(VectorCopy.model_id != model_id)))


def delete(session: Session, copy: VectorCopy) -> None:
    """Forget a copy."""
    session.delete(session.get_one(VectorCopy, (copy.collection, copy.model_id)))


def collections(session: Session, model_id: int) -> list[str]:
    """Return the collections of which a model has vectors."""
    return list(session.scalars(_COLLECTIONS, {"model_id": model_id}))


def last_change(session: Session, collection: str, model_id: int) -> int:
    """Return the number of the last change of a collection's vectors."""
    given = {"collection": collection, "model_id": model_id}
    return int(session.scalars(_LAST, given).one())


def changed_after(
    session: Session, collection: str, model_id: int, cursor: int, limit: int
) -> list[Changed]:
    """Return the vectors that changed after a cursor, in the order of their last changes."""
    row = StoredVector
    query = (
        select(row.item_id, row.scope, row.vector, row.change)
        .where(row.model_id == model_id, row.collection == collection, row.change > cursor)
        .order_by(row.change)
        .limit(limit)
    )
    return [Changed(*found) for found in session.execute(query)]


def count(session: Session, collection: str, model_id: int) -> int:
    """Return how many vectors a collection has."""
    query = select(func.count()).where(
        StoredVector.model_id == model_id,
        StoredVector.collection == collection,
        StoredVector.vector.is_not(None),
    )
    return session.scalars(query).one()


def change(session: Session, copy: VectorCopy, **values: Any) -> None:
    """Record how far a copy has come, unless it is to be rebuilt since it was read."""
    session.execute(
        update(VectorCopy)
        .where(
            VectorCopy.collection == copy.collection,
            VectorCopy.model_id == copy.model_id,
            VectorCopy.rebuilds == copy.rebuilds,
        )
        .values(checked_at=func.clock_timestamp(), **values)
    )


def rebuild(session: Session) -> None:
    """Have all copies made anew."""
    session.execute(update(VectorCopy).values(cursor=0, rebuilds=VectorCopy.rebuilds + 1))


def kept(
    session: Session,
    collection: str,
    scopes: Sequence[str],
    model_id: int,
    ids: Sequence[UUID],
) -> set[UUID]:
    """Return which of the texts are there: a copy may know some that are gone or have moved."""
    given = {"collection": collection, "model_id": model_id, "scopes": list(scopes)}
    return set(session.scalars(_KEPT, {**given, "ids": [str(id_) for id_ in ids]}))
