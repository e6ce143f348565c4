"""Settings as people are shown them: value and source, without secrets."""

from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.settings.config import setting_names
from hephaestus_core.settings.sources import ShownSetting, masked, shown_settings


def by_name(**given: Any) -> dict[str, ShownSetting]:
    return {setting.name: setting for setting in shown_settings(**given)}


def test_each_setting_says_where_it_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text("server: {port: 8100, ui_port: 3100}\nmax_concurrent_agents: 3\n")
    environ = {"HEPHAESTUS_UI_PORT": "3200", "HEPHAESTUS_LOG_LEVEL": "DEBUG", "HOME": "/root"}
    found = by_name(file=file, environ=environ, overrides={"log_level": "ERROR"})
    assert list(found) == setting_names()
    assert {name: (s.value, s.source) for name, s in found.items() if s.source != "default"} == {
        "mcp_port": (8100, f"{file}: server.port"),
        "ui_port": (3200, "variable HEPHAESTUS_UI_PORT"),
        "max_concurrent_agents": (3, f"{file}: max_concurrent_agents"),
        "log_level": ("ERROR", "parameter"),
    }


def test_the_file_may_be_named_by_a_variable(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text("git: {base_branch: dev}\n")
    found = by_name(environ={"HEPHAESTUS_CONFIG": str(file)})
    assert found["base_branch"].source == f"{file}: git.base_branch"


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'log_level'"):
        shown_settings(environ={}, overrides={"log_leve": "DEBUG"})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("postgresql://amy:hunter2@db/heph", "postgresql://***@db/heph"),
        (
            "postgresql://db/heph?user=amy&password=hunter2",
            "postgresql://db/heph?user=amy&password=***",
        ),
        ("https://ghp_hunter2@github.com/a/b", "https://***@github.com/a/b"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ({"api_key": "hunter2", "api_key_env": "NAME"}, {"api_key": "***", "api_key_env": "NAME"}),
        ({"x": {"environment": {"ANY": "hunter2"}}}, {"x": {"environment": {"ANY": "***"}}}),
        (
            {"files": {"a.json": {"auth": {"token": "hunter2"}}}},
            {"files": {"a.json": {"auth": {"token": "***"}}}},
        ),
        (("A_KEY", "B"), ["A_KEY", "B"]),
        (Path("/home"), "/home"),
        (None, None),
        (True, True),
    ],
)
def test_secrets_are_masked(value: Any, shown: Any) -> None:
    assert masked(value) == shown
