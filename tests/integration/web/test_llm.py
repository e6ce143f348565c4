"""What the API, the metrics and ``hephaestus doctor`` say of the models that the system asks."""

from pathlib import Path

import httpx
import pytest
from flask.testing import FlaskClient

from hephaestus_core.access.service import ensure_token
from hephaestus_core.settings.config import load_settings
from hephaestus_web.app import create_app
from tests.llm_server import Step, provider
from tests.web_server import WebServer

TOKEN = "heph_api_for_the_tests_of_models_alone"


def client_of(web: WebServer, home: Path, url: str) -> FlaskClient:
    """An application on the database of the running one, whose models are at ``url``."""
    given = {
        "home": home,
        "database_url": web.database.engine.url.render_as_string(hide_password=False),
        "llm_provider": "here",
        "llm_model": "m",
        "llm_providers": {"here": {"base_url": url}},
    }
    ensure_token(web.database, name="models", role="admin", token=TOKEN)
    client = create_app(load_settings(environ={}, overrides=given)).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    return client


def test_without_a_model_the_api_says_so(api: httpx.Client) -> None:
    state = api.get("/api/v1/llm").json()
    assert (state["usable"], state["tokens_in_last_hour"]) == (False, 0)
    assert {kind["outcome"] for kind in state["kinds"]} == {"not_configured"}
    assert api.post("/api/v1/llm/trial").json() == {"items": []}


def test_a_trial_is_shown_and_counted(web: WebServer, tmp_path: Path) -> None:
    with provider(Step('{"number": 7}', tokens=(50, 5, 0), cost=0.5)) as served:
        client = client_of(web, tmp_path, f"{served.url}/v1")
        [trial] = client.post("/api/v1/llm/trial").get_json()["items"]
        assert (trial["outcome"], trial["provider"], trial["model"]) == ("answered", "here", "m")
        assert "authorization" in served.asked[0].headers
        state = client.get("/api/v1/llm").get_json()
        assert state["usable"]
        assert state["tokens_in_last_hour"] >= 55
        assert state["dollars_in_last_hour"] >= 0.5
        assert state["calls_in_last_hour"]["answered"] >= 1
        shown = client.get("/metrics").text
        assert "hephaestus_llm_tokens_last_hour 55.0" in shown
        assert 'hephaestus_llm_calls_last_hour{outcome="answered"} 1.0' in shown
        served.steps = [Step(status=401, error="wrong key")]
        [failed] = client.post("/api/v1/llm/trial").get_json()["items"]
    assert failed["outcome"] == "rejected"
    assert "401" in failed["detail"]


@pytest.mark.parametrize("key", ["", "k"])
def test_doctor_says_what_is_configured_and_what_lacks(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hephaestus_sdk.runtime.llm_check import found

    given = {"llm_provider": "anthropic", "llm_model": "m"}
    assert found(load_settings(environ={}))[0]
    usable, text = found(load_settings(environ={}, overrides=given), {"ANTHROPIC_API_KEY": key})
    assert usable == bool(key)
    assert ("m at anthropic" if key else "ANTHROPIC_API_KEY") in text


def test_doctor_says_whether_a_model_judges_agents() -> None:
    from hephaestus_sdk.runtime.guardian_check import found

    given = {"llm_provider": "anthropic", "llm_model": "m"}
    assert "rules alone" in found(load_settings(environ={}), running=False)[1]
    judged = load_settings(environ={}, overrides=given)
    assert "a model judge them" in found(judged, running=False)[1]
    off = load_settings(environ={}, overrides={**given, "trajectory_calls_per_hour": 0})
    assert "rules alone" in found(off, running=False)[1]
