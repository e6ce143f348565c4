"""The protocol of embedders: each turns texts into vectors, or raises :class:`TryFailed`."""

from collections.abc import Sequence
from typing import Protocol

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.providers import TryFailed
from hephaestus_core.settings.embedding_settings import EmbedderChoice
from hephaestus_core.vectors.rules import Vector, sound


class TextsRefused(TryFailed):
    """The endpoint takes at least one of these texts not; others may still be read."""

    def __init__(self, detail: str) -> None:
        super().__init__(LlmOutcome.REJECTED, detail)


class Embedder(Protocol):
    """Turns texts into unit vectors of one dimension; threads share it."""

    choice: EmbedderChoice
    at_once: int
    """Most texts of one call."""

    def embed(self, texts: Sequence[str], *, timeout: float) -> list[list[float]]:
        """Return a vector for each text, within ``timeout`` seconds.

        Raises:
            TryFailed: there are none.
        """
        ...


def checked(vectors: Sequence[Vector], texts: Sequence[str]) -> list[list[float]]:
    """Return the vectors as unit vectors.

    Raises:
        TryFailed: they are not one per text, of one dimension, and of finite numbers.
    """
    units = sound(vectors, len(texts))
    if units is None:
        text = "The embedder's answer is not one vector of finite numbers for each text."
        raise TryFailed(LlmOutcome.OFF_SCHEMA, text)
    return units
