"""Vectors as one process uses them: questions, and the pass that makes what is missing."""

import os
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from threading import BoundedSemaphore
from typing import Final

from hephaestus_core.db.engine import Database
from hephaestus_core.llm.providers import TryFailed
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.embedding_settings import embedder_choice
from hephaestus_core.vectors import making, model_rows
from hephaestus_core.vectors.loaded import Embedders
from hephaestus_core.vectors.rules import Model, QueryVector, answering, read_part

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
        self._embedders = Embedders(os.environ if environ is None else environ)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="embedding")
        self._room = BoundedSemaphore(_WAITING)
        self._answering: tuple[float, Model | None] = (0.0, None)

    def want(self) -> None:
        """Have all vectors made by the embedder of these settings; servers call it at the start."""
        with self._database.transaction() as session:
            model_rows.want(session, embedder_choice(self._settings))

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

    def make(self, *, seconds: float = making.PASS_SECONDS) -> bool:
        """Make the vectors that are missing; say whether some are left."""
        return making.make_vectors(self._database, self._embedders, seconds=seconds)

    def close(self) -> None:
        """End the threads that read questions."""
        self._threads.shutdown(wait=False, cancel_futures=True)

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
