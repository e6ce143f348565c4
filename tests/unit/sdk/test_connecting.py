"""Where the stack is and with which token."""

import json
from pathlib import Path

import pytest

from hephaestus_sdk.api.connecting import Address, given_address, running_stack
from hephaestus_sdk.errors import ConfigurationError, HephaestusStartupError
from hephaestus_sdk.sdk import HephaestusSDK


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEPHAESTUS_URL", raising=False)
    monkeypatch.delenv("HEPHAESTUS_TOKEN", raising=False)


def test_arguments_win_over_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    assert given_address(None, None) is None
    monkeypatch.setenv("HEPHAESTUS_URL", "http://env")
    monkeypatch.setenv("HEPHAESTUS_TOKEN", "env-token")
    assert given_address(None, None) == Address("http://env", "env-token")
    assert given_address("http://arg", "arg") == Address("http://arg", "arg")


def test_a_url_needs_a_token() -> None:
    with pytest.raises(ConfigurationError, match="HEPHAESTUS_TOKEN"):
        given_address("http://host", None)


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(Address("http://host", "secret"))


def test_the_running_stack_of_a_home(tmp_path: Path) -> None:
    with pytest.raises(HephaestusStartupError, match=r"start\(\)"):
        running_stack(tmp_path)
    (tmp_path / "run").mkdir()
    state = tmp_path / "run" / "stack.json"
    state.write_text(json.dumps({"state": "starting"}))
    with pytest.raises(HephaestusStartupError, match="no stack runs"):
        running_stack(tmp_path)
    state.write_text(json.dumps({"state": "ready", "api_url": "http://127.0.0.1:8000"}))
    with pytest.raises(HephaestusStartupError, match="only the user who started"):
        running_stack(tmp_path)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "admin.token").write_text("abc\n")
    assert running_stack(tmp_path) == Address("http://127.0.0.1:8000", "abc")
    state.write_text("{")
    with pytest.raises(HephaestusStartupError, match="cannot be read"):
        running_stack(tmp_path)


def test_a_stack_that_does_not_answer_is_a_startup_error(free_url: str) -> None:
    sdk = HephaestusSDK(url=free_url, token="abc")
    with pytest.raises(HephaestusStartupError, match="does not answer"):
        sdk.start(timeout=0)
    assert not sdk.running
