"""The line of `hephaestus doctor` on the embedder."""

import pytest

from hephaestus_core.settings.config import Settings
from hephaestus_sdk.runtime import doctor

SERVED = {"served": {"base_url": "http://127.0.0.1:9", "api_key_env": "SERVED_KEY"}}


def line(settings: Settings) -> tuple[str, str]:
    found = doctor._vectors(settings)
    assert found.name == "vectors"
    return found.level, found.text


def test_the_default_embedder_is_named_with_what_it_knows() -> None:
    level, told = line(Settings())
    assert level == "ok"
    assert "wordllama" in told
    assert "memories are searched by words" in told


def test_the_copy_in_qdrant_is_named() -> None:
    level, told = line(Settings(qdrant_url="http://127.0.0.1:6333"))
    assert level == "ok"
    assert "a copy in Qdrant at http://127.0.0.1:6333" in told


def test_an_endpoint_without_its_key_is_a_warning_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings(embedding_provider="served", embedding_model="m", llm_providers=SERVED)
    monkeypatch.delenv("SERVED_KEY", raising=False)
    level, told = line(settings)
    assert level == "warn"
    assert "SERVED_KEY with the key for served is not set here" in told

    monkeypatch.setenv("SERVED_KEY", "a-key")
    level, told = line(settings)
    assert level == "ok"
    assert "memories are searched by words" not in told
    assert "a-key" not in told


def test_a_missing_package_is_a_warning_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hephaestus_sdk.runtime.vectors_check.find_spec", lambda _name: None)
    level, told = line(Settings(embedding_provider="fastembed"))
    assert level == "warn"
    assert "pip install fastembed" in told
