"""The pass that makes vectors: it finds texts without one, reads them, and stores the vectors.

Texts are read outside of any transaction. A process that ends in between leaves them as they were.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from hephaestus_core.db.engine import Database
from hephaestus_core.llm.providers import TryFailed
from hephaestus_core.logging import log_event
from hephaestus_core.vectors import model_rows, store
from hephaestus_core.vectors.embedders import TextsRefused
from hephaestus_core.vectors.loaded import Embedders
from hephaestus_core.vectors.rules import Model, Pending, wanted

_log: Final = logging.getLogger(__name__)

#: Seconds of one pass, before it copies, and of its copying.
PASS_SECONDS: Final = 30.0
_COPY_SECONDS: Final = 20.0
_CALL_SECONDS: Final = 20.0
#: Seconds of the right to make vectors. Each call renews it and takes less, so that another process
#: soon goes on after a kill.
_LEASE_SECONDS: Final = 40.0
#: A text that every embedder takes: it tells whether the text or the settings are at fault.
_PLAIN: Final = "A plain text."


def make_vectors(
    db: Database,
    embedders: Embedders,
    *,
    copy: Callable[[float], bool] | None,
    seconds: float = PASS_SECONDS,
) -> bool:
    """Make vectors of texts that lack one; say whether some are left that it had no time for.

    Another process that is at it is left to it.

    Args:
        copy: brings the copies up to date within so many seconds; None: there are none.
        seconds: of the pass, before it copies.
    """
    with db.reading() as session:
        models = model_rows.all_models(session)
        model = wanted(models)
        if model is None:
            return False
        left = store.pending(session, model.id, 1)
    if copy is None and model.complete_at is not None and len(models) == 1 and not left:
        return False
    with db.transaction() as session:
        if not model_rows.lease(session, model.id, _LEASE_SECONDS):
            return False
    trouble: str | None = None
    try:
        trouble, unread = _tried(db, embedders, model, seconds)
        uncopied = copy is not None and _copied(db, model, copy)
        return unread or uncopied
    finally:
        with db.transaction() as session:
            model_rows.release(session, model.id, trouble=trouble)


def _copied(db: Database, model: Model, copy: Callable[[float], bool]) -> bool:
    with db.transaction() as session:
        model_rows.renew(session, model.id, _LEASE_SECONDS)
    return copy(_COPY_SECONDS)


def _tried(
    db: Database, embedders: Embedders, model: Model, seconds: float
) -> tuple[str | None, bool]:
    """Return why no vectors could be made, and whether texts are left for the next pass."""
    try:
        return None, _made(db, embedders, model, time.monotonic() + seconds)
    except TryFailed as failed:
        log_event(_log, "vectors_delayed", level=logging.WARNING, reason=failed.detail)
        return failed.detail, False


def _made(db: Database, embedders: Embedders, model: Model, deadline: float) -> bool:
    while time.monotonic() < deadline:
        with db.reading() as session:
            batch = store.pending(session, model.id, embedders.at_once(model.choice))
        if not batch:
            with db.transaction() as session:
                model_rows.complete(session, model.id)
                store.clean(session)
                if not model_rows.drop_former(session, model.id):
                    return False
            continue
        vectors = _read(embedders, model, batch)
        if not _written(db, model, batch, vectors):
            # It has become another model, which the next pass finds.
            return True
    return True


def _read(embedders: Embedders, model: Model, batch: Sequence[Pending]) -> list[list[float] | None]:
    texts = [item.text for item in batch]
    try:
        return [*embedders.embed(model.choice, texts, timeout=_CALL_SECONDS)]
    except TextsRefused:
        if len(batch) == 1:
            # Raises if the settings are at fault.
            embedders.embed(model.choice, [_PLAIN], timeout=_CALL_SECONDS)
            log_event(_log, "text_refused", level=logging.WARNING, item=batch[0].item_id)
            return [None]
    half = len(batch) // 2
    return _read(embedders, model, batch[:half]) + _read(embedders, model, batch[half:])


def _written(
    db: Database,
    model: Model,
    batch: Sequence[Pending],
    vectors: Sequence[list[float] | None],
) -> bool:
    """Store vectors; say whether they are of the model's dimension."""
    dimension = max((len(vector) for vector in vectors if vector is not None), default=0)
    with db.transaction() as session:
        made_by = model_rows.of_dimension(session, model, dimension) if dimension else model.id
        model_rows.renew(session, model.id, _LEASE_SECONDS)
        store.write(session, made_by, batch, vectors)
    return made_by == model.id
