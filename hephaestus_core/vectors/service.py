"""Vectors as one process uses them: questions, and the pass that makes what is missing."""

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Final
from uuid import UUID

from hephaestus_core.db.engine import Database, ring
from hephaestus_core.llm.providers import TryFailed
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.embedding_settings import WORDLLAMA, embedder_choice
from hephaestus_core.vectors import copy_rows, making, model_rows, store
from hephaestus_core.vectors.copying import copy_vectors
from hephaestus_core.vectors.loaded import Embedders
from hephaestus_core.vectors.rules import (
    Model,
    QueryVector,
    answering,
    checked_target,
    read_part,
)
from hephaestus_core.vectors.searching import Search
from hephaestus_core.vectors.state import VectorsView, state_of

if TYPE_CHECKING:  # it takes a second to import
    from hephaestus_core.vectors.qdrant import Qdrant

#: Seconds that a request waits for the vector of its question at most.
QUERY_SECONDS: Final = 2.0
#: Questions that are read at once, and that wait for it; others go without.
_AT_ONCE: Final = 2
_WAITING: Final = 16
#: Seconds for which the answering model counts as known.
_KNOWN_SECONDS: Final = 5.0


class Vectors:
    """Makes vectors; all threads of a process share it. Nothing is loaded before the first use.

    Nothing here may be called inside a transaction.
    """

    def __init__(
        self, database: Database, settings: Settings, environ: Mapping[str, str] | None = None
    ) -> None:
        self._database = database
        self._settings = settings
        self._environ = os.environ if environ is None else environ
        self._embedders = Embedders(self._environ)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="embedding")
        self._room = BoundedSemaphore(_WAITING)
        self._answering: tuple[float, Model | None] = (0.0, None)
        self._lock = Lock()
        self._search: Search | None = None
        self._to_ask: Qdrant | None = None
        self._copied_to: Qdrant | None = None

    def want(self) -> None:
        """Have all vectors made by the embedder of these settings; servers call it at the start."""
        with self._database.transaction() as session:
            model_rows.want(session, embedder_choice(self._settings))
        if self._settings.qdrant_url is not None:
            # Its client takes a second to import, for which no request should wait.
            self._threads.submit(self._asked_copy)

    def knows_meaning(self) -> bool:
        """Say whether the vectors that answer know more of a text than which words it has."""
        model = self._model()
        return model is not None and model.choice.provider != WORDLLAMA

    def embed_query(self, text: str, *, within: float = QUERY_SECONDS) -> QueryVector | None:
        """Return the vector of a question, made by the model whose vectors answer.

        Args:
            text: only its beginning is read.
            within: seconds.

        Returns:
            None if there is none in time; the caller then does without.
        """
        deadline = time.monotonic() + within
        if not self._room.acquire(blocking=False):
            return None
        asked = self._threads.submit(self._query, read_part(text), deadline)
        asked.add_done_callback(self._left)
        try:
            return asked.result(max(0.0, deadline - time.monotonic()))
        except (TryFailed, TooLate):
            asked.cancel()
            return None

    def nearest(
        self, collection: str, scopes: Sequence[str], vector: QueryVector, limit: int
    ) -> list[tuple[UUID, float]]:
        """Return the texts nearest to a vector; see :func:`store.nearest`.

        Qdrant is asked first where it is configured and up to date. Inside a transaction call
        :func:`store.nearest`, which asks the database alone.
        """
        qdrant = self._asked_copy()
        with self._lock:
            if self._search is None:
                self._search = Search(self._database, qdrant)
        return self._search.nearest(collection, scopes, vector, limit)

    def make(self, *, seconds: float = making.PASS_SECONDS) -> bool:
        """Make the vectors that are missing, and bring copies up to date; say if any is left."""
        copy = None if self._settings.qdrant_url is None else self._copy
        return making.make_vectors(self._database, self._embedders, copy=copy, seconds=seconds)

    def state(self) -> VectorsView:
        """Return how searches by meaning stand.

        Qdrant is asked whether it holds what it should; each of a few calls may take a second.
        """
        return state_of(self._database, self._asked_copy())

    def reindex(self, target: str = "all") -> VectorsView:
        """Have vectors made anew in the background; what there is answers until then.

        Args:
            target: ``vectors``: all texts are read again; ``copy``: the copy in Qdrant is made
                anew; ``all``: both.

        Raises:
            InvalidInput: there is no such target, or no copy.
        """
        checked_target(target, with_copy=self._settings.qdrant_url is not None)
        with self._database.transaction() as session:
            if target in {"all", "vectors"}:
                model_rows.read_again(session)
            if target in {"all", "copy"}:
                copy_rows.rebuild(session)
            ring(session, store.BELL)
        return self.state()

    def close(self) -> None:
        """End the threads that read questions."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _asked_copy(self) -> "Qdrant | None":
        with self._lock:
            if self._to_ask is None:
                self._to_ask = self._qdrant(asking=True)
            return self._to_ask

    def _copy(self, seconds: float) -> bool:
        with self._lock:
            if self._copied_to is None:
                self._copied_to = self._qdrant(asking=False)
        return self._copied_to is not None and copy_vectors(
            self._database, self._copied_to, seconds=seconds
        )

    def _qdrant(self, *, asking: bool) -> "Qdrant | None":
        if self._settings.qdrant_url is None:
            return None
        from hephaestus_core.vectors.qdrant import ASK_SECONDS, WRITE_SECONDS, Qdrant

        variable = self._settings.qdrant_api_key_env
        key = "" if variable is None else self._environ.get(variable, "").strip()
        seconds = ASK_SECONDS if asking else WRITE_SECONDS
        return Qdrant(self._settings.qdrant_url, key, seconds=seconds)

    def _left(self, _: "Future[QueryVector | None]") -> None:
        self._room.release()

    def _query(self, text: str, deadline: float) -> QueryVector | None:
        left = deadline - time.monotonic()
        model = self._model()
        if left <= 0 or model is None or model.dimension is None:
            return None
        [values] = self._embedders.embed(model.choice, [text], timeout=left)
        same = len(values) == model.dimension
        return QueryVector(model.id, values) if same else None

    def _model(self) -> Model | None:
        until, model = self._answering
        if time.monotonic() >= until:
            with self._database.reading() as session:
                model = answering(model_rows.all_models(session))
            self._answering = (time.monotonic() + _KNOWN_SECONDS, model)
        return model
