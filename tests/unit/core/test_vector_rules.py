"""Which model answers, and which vectors are sound."""

import math
from datetime import UTC, datetime

import pytest

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_core.settings.embedding_settings import EmbedderChoice, embedder_choice
from hephaestus_core.vectors.rules import TEXT_LIMIT, Model, answering, read_part, sound, wanted
from hephaestus_core.vectors.store import written

CHOICE = EmbedderChoice(provider="served", model="m")


def model(id_: int, *, wanted_at: int, complete: bool) -> Model:
    at = datetime(2026, 1, wanted_at, tzinfo=UTC)
    return Model(id_, CHOICE, 8, at, at if complete else None)


def test_the_last_model_answers_once_it_has_read_all_and_the_one_before_until_then() -> None:
    first, second = (model(n, wanted_at=n, complete=True) for n in (1, 2))
    third = model(3, wanted_at=3, complete=False)
    assert answering([]) is wanted([]) is None
    assert answering([third]) == third
    assert answering([first, third, second]) == second
    assert wanted([first, third, second]) == third
    again = model(1, wanted_at=4, complete=True)
    assert answering([again, third, second]) == again


def test_vectors_have_the_length_one_or_zero() -> None:
    assert sound([[3.0, 4.0], [0, 0]], 2) == [[0.6, 0.8], [0.0, 0.0]]


@pytest.mark.parametrize(
    "vectors",
    [
        [],
        [[1.0]],
        [[1.0], [1.0, 2.0]],
        [[], []],
        [[1.0], ["1"]],
        [[1.0], [math.nan]],
        [[1.0], None],
        [[1.0] * 5000] * 2,
    ],
)
def test_anything_but_one_vector_per_text_is_refused(vectors: list[object]) -> None:
    assert sound(vectors, 2) is None


def test_the_beginning_of_a_text_is_read() -> None:
    assert read_part("a" * 10_000) == "a" * TEXT_LIMIT


def test_a_vector_is_written_with_the_digits_that_the_database_keeps() -> None:
    assert written([0.12345678912, -1e-9, 0.0]) == "[0.1234568,-1e-09,0]"


def test_an_endpoint_is_one_of_the_providers_of_models() -> None:
    assert embedder_choice(Settings()).name == "wordllama/l2_supercat"
    given = load_settings(
        environ={"HEPHAESTUS_EMBEDDING_PROVIDER": "openai", "HEPHAESTUS_EMBEDDING_MODEL": "small"}
    )
    choice = embedder_choice(given)
    assert (choice.base_url, choice.api_key_env) == ("https://api.openai.com/v1", "OPENAI_API_KEY")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"embedding_provider": "wordlama"}, "did you mean 'wordllama'"),
        ({"embedding_provider": "anthropic", "embedding_model": "m"}, "no embedder 'anthropic'"),
        ({"embedding_provider": "openai"}, "expected the name of a model"),
        ({"embedding_model": "other"}, "one model here"),
        ({"embedding_dimension": 64}, "leave it out"),
        (
            {"embedding_provider": "openai", "embedding_model": "m", "embedding_dimension": 9999},
            "expected 1 to 4096",
        ),
        ({"qdrant_url": "localhost:6333"}, "begins with http:// or https://"),
        ({"qdrant_url": "http://u:secret@q:6333"}, "holds a login"),
        ({"qdrant_api_key_env": "sk-123"}, "holds no name of a variable"),
    ],
)
def test_faults_of_the_settings_are_told_without_secrets(
    given: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ={}, overrides=given)
    assert told in refused.value.message
    assert "secret" not in refused.value.message
