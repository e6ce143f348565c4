"""Embedders that run in the process that needs them."""

import importlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.providers import TryFailed
from hephaestus_core.settings.embedding_settings import EmbedderChoice
from hephaestus_core.vectors.embedders import checked


class WordLlama:
    """The default: its weights lie in the package, and nothing is ever downloaded."""

    at_once = 64

    def __init__(self, choice: EmbedderChoice) -> None:
        import wordllama  # type: ignore[import-untyped]

        self.choice = choice
        # Its own look-up misses the tokenizer, which lies in the package too.
        self._model = wordllama.WordLlama.load(
            config=choice.model,
            dim=choice.dimension,
            cache_dir=Path(wordllama.__file__).parent,
            disable_download=True,
        )

    def embed(self, texts: Sequence[str], *, timeout: float) -> list[list[float]]:  # noqa: ARG002 - it takes a millisecond
        """Return a vector for each text; see :class:`Embedder`."""
        return checked(self._model.embed(list(texts)).tolist(), texts)


class FastEmbed:
    """Models that the package ``fastembed`` fetches to this machine at their first use."""

    at_once = 32

    def __init__(self, choice: EmbedderChoice) -> None:
        if find_spec("fastembed") is None:
            text = (
                f"The package fastembed is not installed on this host; {choice.name} needs it: "
                "pip install fastembed."
            )
            raise TryFailed(LlmOutcome.PACKAGE_MISSING, text)
        package = importlib.import_module("fastembed")
        self.choice = choice
        try:
            self._model = package.TextEmbedding(model_name=choice.model)
        except Exception as error:
            text = (
                f"fastembed has no model {choice.model!r} here, and could not fetch it; let "
                "this host reach the network once, or name a folder that holds the model in "
                "FASTEMBED_CACHE_PATH."
            )
            raise TryFailed(LlmOutcome.UNAVAILABLE, text) from error

    def embed(self, texts: Sequence[str], *, timeout: float) -> list[list[float]]:  # noqa: ARG002 - it runs here
        """Return a vector for each text; see :class:`Embedder`."""
        return checked([each.tolist() for each in self._model.embed(list(texts))], texts)
