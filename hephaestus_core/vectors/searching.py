"""The search for what is near: Qdrant is asked first where it holds a copy, else PostgreSQL."""

import logging
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from hephaestus_core.db.engine import Database
from hephaestus_core.logging import log_event
from hephaestus_core.vectors import copy_rows, store
from hephaestus_core.vectors.rules import CopyAway, QueryVector

if TYPE_CHECKING:  # it takes a second to import
    from hephaestus_core.vectors.qdrant import Qdrant

_log: Final = logging.getLogger(__name__)
#: Seconds for which a copy is not asked after it failed.
_REST_SECONDS: Final = 10.0

Found = list[tuple[UUID, float]]


class Search:
    """Searches of one process; threads share it. It may not be called inside a transaction."""

    def __init__(self, database: Database, qdrant: "Qdrant | None") -> None:
        self._database = database
        self._qdrant = qdrant
        self._lock = threading.Lock()
        self._rests_until = 0.0

    def nearest(
        self, collection: str, scopes: Sequence[str], vector: QueryVector, limit: int
    ) -> Found:
        """Return the texts nearest to a vector; see :func:`store.nearest`."""
        found = self._in_copy(collection, scopes, vector, limit)
        if found is not None:
            return found
        with self._database.reading() as session:
            return store.nearest(session, collection, scopes, vector, limit)

    def _in_copy(
        self, collection: str, scopes: Sequence[str], vector: QueryVector, limit: int
    ) -> Found | None:
        """Return what the copy finds; None: it is away, behind, or knows fewer than asked for."""
        name = self._usable(collection, vector.model_id)
        if name is None or self._qdrant is None:
            return None
        try:
            found = self._qdrant.nearest(name, scopes, vector.values, limit)
        except CopyAway as away:
            log_event(_log, "copy_not_asked", level=logging.WARNING, reason=away)
            with self._lock:
                self._rests_until = time.monotonic() + _REST_SECONDS
            return None
        with self._database.reading() as session:
            ids = [id_ for id_, _ in found]
            kept = copy_rows.kept(session, collection, scopes, vector.model_id, ids)
        right = [(id_, score) for id_, score in found if id_ in kept]
        return right if len(right) == limit else None

    def _usable(self, collection: str, model_id: int) -> str | None:
        if self._qdrant is None or time.monotonic() < self._rests_until:
            return None
        with self._database.reading() as session:
            copy = copy_rows.find(session, collection, model_id)
            last = copy_rows.last_change(session, collection, model_id)
        follows = copy is not None and copy.trouble is None and copy.cursor >= last > 0
        return copy.name if copy is not None and follows else None
