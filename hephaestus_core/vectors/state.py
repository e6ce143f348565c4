"""The state of vectors as people see it: who makes and answers, what is missing, the copy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.db.engine import Database
from hephaestus_core.vectors import copy_rows, copying, model_rows
from hephaestus_core.vectors.rules import Model, answering, wanted

if TYPE_CHECKING:  # it takes a second to import
    from hephaestus_core.vectors.qdrant import Qdrant

_COUNTS: Final = text("""
    SELECT collection, count(*) AS texts,
        count(*) FILTER (WHERE model_id IS DISTINCT FROM :model_id) AS waiting
    FROM vector_items GROUP BY collection ORDER BY collection
""")


@dataclass(frozen=True, kw_only=True)
class VectorCollectionView:
    """The texts of one kind."""

    name: str
    texts: int
    waiting: int
    """Texts without a vector of the wanted embedder."""
    copy_behind: int | None
    """Changes that the copy in Qdrant has not followed yet, about; null: there is no copy."""
    copy_trouble: str | None
    """Why the copy is not asked; null: there is no reason."""
    copy_checked_at: datetime | None
    """When a worker last compared the copy."""


@dataclass(frozen=True, kw_only=True)
class VectorsView:
    """How searches by meaning stand."""

    embedder: str | None
    """The embedder that makes vectors; null: no server has been started with one."""
    dimension: int | None
    """Numbers of each of its vectors; null: it has made none yet."""
    answering: str | None
    """The embedder whose vectors are searched: the one before, until all texts are read."""
    complete: bool
    """Whether the wanted embedder has read every text."""
    trouble: str | None
    """Why no vectors are made; null: there is no reason."""
    answered_by: str
    """``qdrant`` where it is configured and every copy is up to date, else ``postgres``."""
    collections: list[VectorCollectionView]


def state_of(db: Database, qdrant: "Qdrant | None") -> VectorsView:
    """Return the state of vectors; no transaction of the caller may be open.

    Args:
        qdrant: holds the copies, and is asked for them; None: there are none.
    """
    with db.reading() as session:
        models = model_rows.all_models(session)
        made_by, asked = wanted(models), answering(models)
        collections = _collections(session, made_by, asked, with_copy=qdrant is not None)
    if qdrant is not None and asked is not None:
        collections = [_looked_at(db, qdrant, each, asked) for each in collections]
    waiting = sum(each.waiting for each in collections)
    return VectorsView(
        embedder=None if made_by is None else made_by.choice.name,
        dimension=None if made_by is None else made_by.dimension,
        answering=None if asked is None else asked.choice.name,
        complete=made_by is not None and made_by.complete_at is not None and not waiting,
        trouble=None if made_by is None else made_by.trouble,
        answered_by="qdrant" if _copies_answer(collections) else "postgres",
        collections=collections,
    )


def _copies_answer(collections: Sequence[VectorCollectionView]) -> bool:
    copied = [each for each in collections if each.copy_behind is not None]
    return bool(copied) and all(
        each.copy_behind == 0 and each.copy_trouble is None for each in copied
    )


def _looked_at(
    db: Database, qdrant: "Qdrant", known: VectorCollectionView, model: Model
) -> VectorCollectionView:
    """Return how a collection stands after a look at its copy: the last pass may be long ago."""
    if known.copy_behind != 0 or known.copy_trouble is not None:
        return known
    return replace(known, copy_trouble=copying.fault_of(db, qdrant, known.name, model))


def _collections(
    session: Session, made_by: Model | None, asked: Model | None, *, with_copy: bool
) -> list[VectorCollectionView]:
    model_id = None if made_by is None else made_by.id
    views = []
    for row in session.execute(_COUNTS, {"model_id": model_id}):
        copy = behind = None
        if with_copy and asked is not None:
            copy = copy_rows.find(session, row.collection, asked.id)
            last = copy_rows.last_change(session, row.collection, asked.id)
            if last > 0:
                behind = max(0, last - (0 if copy is None else copy.cursor))
        views.append(
            VectorCollectionView(
                name=row.collection,
                texts=row.texts,
                waiting=row.waiting,
                copy_behind=behind,
                copy_trouble=None if copy is None else copy.trouble,
                copy_checked_at=None if copy is None else copy.checked_at,
            )
        )
    return views
