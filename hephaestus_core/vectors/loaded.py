"""The embedders of one process: loaded at their first use, shared by its threads."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.providers import TryFailed
from hephaestus_core.llm.rules import rest_after
from hephaestus_core.logging import log_event
from hephaestus_core.settings.embedding_settings import WORDLLAMA, EmbedderChoice
from hephaestus_core.vectors.embedders import Embedder, TextsRefused

T = TypeVar("T")

_log: Final = logging.getLogger(__name__)


class Embedders:
    """Embedders by choice. One that failed is left alone for a while."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._lock = threading.Lock()
        self._loaded: dict[EmbedderChoice, Embedder] = {}
        self._rests: dict[EmbedderChoice, tuple[float, TryFailed]] = {}

    def embed(
        self, choice: EmbedderChoice, texts: Sequence[str], *, timeout: float
    ) -> list[list[float]]:
        """Return a unit vector for each text, within ``timeout`` seconds.

        Raises:
            TryFailed: there are none.
        """
        return self._tried(choice, lambda ready: ready.embed(texts, timeout=timeout))

    def at_once(self, choice: EmbedderChoice) -> int:
        """Return the most texts of one call.

        Raises:
            TryFailed: the embedder cannot be had here.
        """
        return self._tried(choice, lambda ready: ready.at_once)

    def _tried(self, choice: EmbedderChoice, ask: Callable[[Embedder], T]) -> T:
        """Return the answer of an embedder that is loaded, unless it is left alone just now."""
        until, last = self._rests.get(choice, (0.0, None))
        if last is not None and time.monotonic() < until:
            raise last
        try:
            answer = ask(self._embedder(choice))
        except TextsRefused:
            raise
        except TryFailed as failed:
            self._rests[choice] = (time.monotonic() + rest_after(failed.retry_after), failed)
            raise
        self._rests.pop(choice, None)
        return answer

    def _embedder(self, choice: EmbedderChoice) -> Embedder:
        with self._lock:
            if choice not in self._loaded:
                began = time.monotonic()
                self._loaded[choice] = _made(choice, self._key(choice))
                seconds = round(time.monotonic() - began, 3)
                log_event(_log, "embedder_loaded", name=choice.name, seconds=seconds)
            return self._loaded[choice]

    def _key(self, choice: EmbedderChoice) -> str:
        if choice.api_key_env is None:
            return ""
        key = self._environ.get(choice.api_key_env, "").strip()
        if not key or not (key.isascii() and key.isprintable()):
            text = (
                f"The variable {choice.api_key_env} with the key for {choice.provider} is not set "
                "in this process; set it where the server and the workers are started."
            )
            raise TryFailed(LlmOutcome.KEY_MISSING, text)
        return key


def _made(choice: EmbedderChoice, key: str) -> Embedder:
    """Return a new embedder, with its model loaded; ``key`` is empty where it takes none.

    Raises:
        TryFailed: it cannot be had here.
    """
    # Put off: each takes half a second to import, and most processes need none.
    if choice.base_url:
        from hephaestus_core.vectors.endpoint import Endpoint

        return Endpoint(choice, key)
    from hephaestus_core.vectors.local import FastEmbed, WordLlama

    return WordLlama(choice) if choice.provider == WORDLLAMA else FastEmbed(choice)
