"""Embedders of packages that are missing, or whose model is."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
import pytest

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.providers import TryFailed
from hephaestus_core.settings.embedding_settings import EmbedderChoice
from hephaestus_core.vectors.loaded import Embedders
from hephaestus_core.vectors.local import FastEmbed

CHOICE = EmbedderChoice(provider="fastembed", model="BAAI/bge-small-en-v1.5")


class Package(ModuleType):
    """The package as it behaves; it counts how often a model was asked for."""

    def __init__(self, *, has_model: bool) -> None:
        super().__init__("fastembed")
        self.__spec__ = ModuleSpec("fastembed", None)
        self.has_model = has_model
        self.asked: list[str] = []

    def TextEmbedding(self, *, model_name: str) -> "Package":  # noqa: N802 - its name
        self.asked.append(model_name)
        if not self.has_model:
            raise ValueError("Could not load model from any source.")
        return self

    def embed(self, texts: Sequence[str]) -> "list[np.ndarray[tuple[int], np.dtype[np.float32]]]":
        return [np.array([3.0, 4.0], dtype=np.float32) for _ in texts]


def test_a_package_that_is_missing_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hephaestus_core.vectors.local.find_spec", lambda _name: None)
    with pytest.raises(TryFailed, match="pip install fastembed") as missing:
        FastEmbed(CHOICE)
    assert missing.value.outcome is LlmOutcome.PACKAGE_MISSING


def test_its_vectors_are_taken_as_unit_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", Package(has_model=True))
    embedders = Embedders({})
    assert embedders.at_once(CHOICE) == 32
    vectors = embedders.embed(CHOICE, ["one", "two"], timeout=1)
    assert vectors == [pytest.approx([0.6, 0.8])] * 2


def test_a_model_that_cannot_be_fetched_is_not_tried_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = Package(has_model=False)
    monkeypatch.setitem(sys.modules, "fastembed", package)
    embedders = Embedders({})
    for _ in range(3):
        with pytest.raises(TryFailed, match="has no model 'BAAI/bge-small-en-v1.5' here"):
            embedders.at_once(CHOICE)
        with pytest.raises(TryFailed, match="FASTEMBED_CACHE_PATH"):
            embedders.embed(CHOICE, ["one"], timeout=1)
    # Each try may take most of a minute.
    assert package.asked == ["BAAI/bge-small-en-v1.5"]
