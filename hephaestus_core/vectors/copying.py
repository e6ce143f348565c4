"""The pass that keeps the copies in Qdrant: each follows the vectors after its cursor.

A copy may be deleted or damaged at any moment. Then it is made anew, and PostgreSQL answers.
"""

import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from hephaestus_core.db.engine import Database
from hephaestus_core.logging import log_event
from hephaestus_core.vectors import copy_rows, model_rows
from hephaestus_core.vectors.models import VectorCopy
from hephaestus_core.vectors.rules import CopyAway, Model, answering

if TYPE_CHECKING:  # it takes a second to import
    from hephaestus_core.vectors.qdrant import Qdrant

_log: Final = logging.getLogger(__name__)
#: Vectors of one call.
_AT_ONCE: Final = 256


def copy_vectors(db: Database, qdrant: "Qdrant", *, seconds: float) -> bool:
    """Bring all copies up to date; say whether vectors are left that it had no time for."""
    deadline = time.monotonic() + seconds
    with db.reading() as session:
        model = answering(model_rows.all_models(session))
        names = [] if model is None else copy_rows.collections(session, model.id)
        others = [] if model is None else copy_rows.of_other_models(session, model.id)
    if model is None or model.dimension is None:
        return False
    left = False
    for copy in others:
        _drop(db, qdrant, copy)
    for name in names:
        with db.transaction() as session:
            copy = copy_rows.copy_of(session, name, model.id)
        try:
            left |= _followed(db, qdrant, copy, model.dimension, deadline)
        except CopyAway as away:
            log_event(_log, "copy_away", level=logging.WARNING, collection=name, reason=away)
            with db.transaction() as session:
                copy_rows.change(session, copy, trouble=str(away))
    return left


def _drop(db: Database, qdrant: "Qdrant", copy: VectorCopy) -> None:
    with suppress(CopyAway):  # the next pass tries again
        qdrant.drop(copy.name)
        with db.transaction() as session:
            copy_rows.delete(session, copy)


def _followed(
    db: Database, qdrant: "Qdrant", copy: VectorCopy, dimension: int, deadline: float
) -> bool:
    cursor = copy.cursor
    if cursor == 0 or qdrant.dimension(copy.name) != dimension:
        log_event(_log, "copy_made_anew", collection=copy.collection)
        with db.transaction() as session:
            copy_rows.change(session, copy, cursor=0)
        qdrant.make(copy.name, dimension)
        cursor = 0
    while time.monotonic() < deadline:
        with db.reading() as session:
            batch = copy_rows.changed_after(
                session, copy.collection, copy.model_id, cursor, _AT_ONCE
            )
        if not batch:
            _compare(db, qdrant, copy, cursor)
            return False
        qdrant.put(copy.name, batch)
        cursor = batch[-1].change
        with db.transaction() as session:
            copy_rows.change(session, copy, cursor=cursor, trouble=None)
    return True


def fault_of(db: Database, qdrant: "Qdrant", collection: str, model: Model) -> str | None:
    """Return why a copy that has followed cannot be asked; None: it can, or it changes just now.

    No transaction of the caller may be open.
    """
    with db.reading() as session:
        copy = copy_rows.find(session, collection, model.id)
    if copy is None:
        return None
    try:
        dimension = qdrant.dimension(copy.name)
        there = qdrant.count(copy.name) if dimension == model.dimension else 0
    except CopyAway as away:
        return str(away)
    with db.snapshot() as session:
        here = copy_rows.count(session, collection, model.id)
        last = copy_rows.last_change(session, collection, model.id)
        after = copy_rows.find(session, collection, model.id)
    if after is None or not last <= copy.cursor == after.cursor:
        return None
    if dimension is None:
        return "Qdrant holds the copy no more; it is made anew."
    if dimension != model.dimension:
        return (
            f"The copy has {dimension} dimensions in place of {model.dimension}; it is made anew."
        )
    return _other_number(there, here) if there != here else None


def _other_number(there: int, here: int) -> str:
    return f"The copy holds {there} vectors in place of {here}; it is made anew."


def _compare(db: Database, qdrant: "Qdrant", copy: VectorCopy, cursor: int) -> None:
    """Have a copy made anew that holds more or fewer vectors than it should."""
    there = qdrant.count(copy.name)
    with db.snapshot() as session:
        here = copy_rows.count(session, copy.collection, copy.model_id)
        last = copy_rows.last_change(session, copy.collection, copy.model_id)
    values: dict[str, object] = {"trouble": None}
    if here != there and last <= cursor:
        values = {"trouble": _other_number(there, here), "cursor": 0}
    with db.transaction() as session:
        copy_rows.change(session, copy, **values)
