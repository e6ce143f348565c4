"""Providers and models as the configuration names them, and its faults without secrets."""

from typing import Any

import pytest

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.contract.llm import CallKind
from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_core.settings.llm_settings import route_of
from hephaestus_core.settings.without_effect import warning_of

JUDGE = CallKind.DUPLICATE_JUDGE


def settings(**given: Any) -> Settings:
    return load_settings(environ={}, overrides=given)


def test_nothing_is_asked_until_provider_and_model_are_set() -> None:
    assert route_of(settings(), JUDGE) is None
    assert route_of(settings(llm_provider="anthropic"), JUDGE) is None
    alone = settings(llm_model="m")
    assert route_of(alone, JUDGE) is None
    assert "no model is asked without llm_provider" in str(warning_of(alone))
    assert warning_of(settings(llm_provider="anthropic", llm_model="m")) is None


def test_a_known_provider_needs_no_settings() -> None:
    found = route_of(settings(llm_provider="anthropic", llm_model="m"), JUDGE)
    assert found is not None
    assert (found.api, found.base_url) == ("anthropic", "https://api.anthropic.com")
    assert (found.api_key_env, found.model) == ("ANTHROPIC_API_KEY", "m")


def test_a_kind_of_call_has_its_own_model_and_the_rest_the_default() -> None:
    given = settings(
        llm_provider="anthropic",
        llm_model="usual",
        llm_providers={
            "here": {
                "base_url": "http://127.0.0.1:1/v1/",
                "models": ["small"],
                "prices": {"small": {"input": 1, "output": 5}},
            }
        },
        llm_model_assignments={
            "duplicate_judge": {"provider": "here", "model": "small", "max_tokens": 50}
        },
    )
    judge, usual = route_of(given, JUDGE), route_of(given, None)
    assert judge is not None
    assert usual is not None
    assert (judge.provider, judge.api, judge.api_key_env) == ("here", "openai", None)
    assert (judge.base_url, judge.max_tokens) == ("http://127.0.0.1:1/v1", 50)
    assert judge.prices == {"input": 1.0, "output": 5.0}
    assert (usual.provider, usual.model, usual.prices) == ("anthropic", "usual", {})


def test_a_part_of_a_known_provider_may_be_changed() -> None:
    given = {"anthropic": {"base_url": "https://proxy.example", "api_key_env": "PROXY_KEY"}}
    found = route_of(settings(llm_provider="anthropic", llm_model="m", llm_providers=given), None)
    assert found is not None
    assert (found.api, found.base_url) == ("anthropic", "https://proxy.example")
    assert found.api_key_env == "PROXY_KEY"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"llm_provider": "antropic"}, "did you mean 'anthropic'"),
        ({"llm_providers": {"x": {}}}, "'x': expected 'base_url' to begin with https://"),
        ({"llm_providers": {"x": {"base_url": "ftp://a"}}}, "to begin with https://"),
        ({"llm_providers": {"x": {"base_url": "https://a:b@c:d/"}}}, "is no URL"),
        ({"llm_providers": {"x": {"base_url": "https://c/?key=s3cret"}}}, "from '?' or '#' on"),
        ({"llm_providers": {"x": {"base_url": "https://u:s3cret@c/"}}}, "holds a login"),
        ({"llm_providers": {"x": {"base_url": "https://s3cret@c/"}}}, "holds a login"),
        ({"llm_providers": {"openai": {"api_key": "s3cret"}}}, "name that in 'api_key_env'"),
        ({"llm_providers": {"openai": {"api_key_env": "sk-s3cret"}}}, "no name of a variable"),
        ({"llm_providers": {"openai": {"api": "s3cret"}}}, "expected one of anthropic, openai"),
        ({"llm_providers": {"openai": {"prices": {"m": {"input": 1}}}}}, "dollars for a million"),
        ({"llm_providers": {"openai": "s3cret"}}, "expected names with values"),
        ({"llm_model_assignments": {"duplicate_juge": {}}}, "did you mean 'duplicate_judge'"),
        ({"llm_model_assignments": {"duplicate_judge": {"max_tokens": 0}}}, "more than 0"),
        ({"llm_model_assignments": {"duplicate_judge": {"temperature": 1}}}, "'temperature'"),
        ({"llm_model_assignments": {"duplicate_judge": {"provider": "no"}}}, "no provider 'no'"),
        ({"llm_tokens_per_hour": 0}, "more than 0"),
        (
            {
                "llm_provider": "openai",
                "llm_model": "big",
                "llm_providers": {"openai": {"models": ["small"]}},
            },
            "do not list 'big'",
        ),
    ],
)
def test_faults_are_named_and_no_secret_is_shown(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        settings(**given)
    assert words in refused.value.message
    assert "s3cret" not in refused.value.message
