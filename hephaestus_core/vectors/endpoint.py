"""Embeddings of an endpoint that speaks OpenAI's API."""

import random
import time
from collections.abc import Sequence
from itertools import count
from typing import Any, Final

import httpx2

from hephaestus_core.llm.bounded_client import BoundedClient, time_limits
from hephaestus_core.llm.providers import (
    MISSHAPEN,
    TryFailed,
    answered_with,
    misshapen,
    unanswered,
    without_key,
)
from hephaestus_core.llm.rules import pause_before
from hephaestus_core.settings.embedding_settings import EmbedderChoice
from hephaestus_core.vectors.embedders import TextsRefused, checked

_OK: Final = 200
#: Statuses of HTTP that are about the texts, or about a parameter of the request.
_ABOUT_TEXTS: Final = {400, 413, 422}


class Endpoint:
    """One endpoint; failures that another try may mend are tried again while time is left."""

    at_once = 32

    def __init__(self, choice: EmbedderChoice, key: str) -> None:
        self.choice = choice
        self._key = key
        self._url = f"{choice.base_url}/embeddings"
        self._client = BoundedClient()

    def embed(self, texts: Sequence[str], *, timeout: float) -> list[list[float]]:
        """Return a vector for each text; see :class:`Embedder`."""
        deadline = time.monotonic() + timeout
        for tries in count(1):
            try:
                return checked(self._asked(texts, deadline - time.monotonic()), texts)
            except TryFailed as failed:
                pause = _pause_after(failed, tries, deadline)
                if pause is None:
                    raise
            time.sleep(pause)
        raise AssertionError("counted to the end")

    def _asked(self, texts: Sequence[str], timeout: float) -> list[Any]:
        # An empty text is refused by some endpoints.
        body: dict[str, Any] = {"model": self.choice.model, "input": [t or " " for t in texts]}
        if self.choice.dimension is not None:
            body["dimensions"] = self.choice.dimension
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            answer = self._client.post(
                self._url, json=body, headers=headers, timeout=time_limits(max(0.05, timeout))
            )
        except httpx2.HTTPError as error:
            failed = RuntimeError()
            failed.__cause__ = error
            raise unanswered(failed) from None
        if answer.status_code != _OK:
            raise self._refusal(answer)
        try:
            found = sorted(answer.json()["data"], key=lambda item: item["index"])
            return [item["embedding"] for item in found]
        except (KeyError, *MISSHAPEN):
            raise misshapen() from None

    def _refusal(self, answer: httpx2.Response) -> TryFailed:
        said = without_key(answer.text[:1000], self._key)
        failed = answered_with(answer.status_code, answer.headers, said)
        return TextsRefused(failed.detail) if answer.status_code in _ABOUT_TEXTS else failed


def _pause_after(failed: TryFailed, tries: int, deadline: float) -> float | None:
    if not failed.again:
        return None
    left = deadline - time.monotonic()
    return pause_before(tries, retry_after=failed.retry_after, left=left, chance=random.random())
