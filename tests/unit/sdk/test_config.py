"""Settings of the SDK: every source, and the specification's parameters."""

from pathlib import Path
from typing import Any

import pytest

from hephaestus_sdk.config import Settings, resolve_settings
from hephaestus_sdk.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _nothing_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_parameter_of_the_specification_is_accepted(tmp_path: Path) -> None:
    settings = resolve_settings(
        None,
        {
            "database_path": "./custom.db",
            "working_directory": "/path/to/project",
            "project_root": "/path/to/project",
            "default_cli_tool": "claude",
            "main_repo_path": "/path/to/project",
            "auto_commit": True,
            "conflict_resolution": "newest_file_wins",
            "mcp_port": 8000,
            "monitoring_interval": 60,
            "task_deduplication_enabled": True,
            "similarity_threshold": 0.92,
        },
    )
    assert settings.database_path == tmp_path / "custom.db"
    assert settings.repository == "/path/to/project"


def test_unknown_and_wrong_parameters_are_named_together() -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve_settings(None, {"mcp_prt": 8000, "similarity_threshold": 2})
    assert "did you mean 'mcp_port'?" in caught.value.message
    assert "similarity_threshold" in caught.value.message


def test_parameters_win_over_each_kind_of_config(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("server: {port: 9001, ui_port: 9002}")
    for config in (
        file,
        str(file),
        {"mcp_port": 9001, "ui_port": 9002},
        Settings(mcp_port=9001, ui_port=9002),
    ):
        settings = resolve_settings(config, {"ui_port": 9003})
        assert (settings.mcp_port, settings.ui_port) == (9001, 9003)


def test_a_ready_config_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEPHAESTUS_MCP_PORT", "9009")
    assert resolve_settings(Settings(), {}).mcp_port == 8000
    assert resolve_settings(None, {}).mcp_port == 9009


def test_a_ready_config_is_checked_too() -> None:
    with pytest.raises(ConfigurationError, match="mcp_port"):
        resolve_settings(Settings(mcp_port=0), {})


@pytest.mark.parametrize("config", [7, ["a"]])
def test_a_config_that_is_none_is_refused(config: Any) -> None:
    with pytest.raises(ConfigurationError, match="config: expected"):
        resolve_settings(config, {})


def test_llm_parameters_are_accepted_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="llm_model, llm_provider: .*hephaestus_config"):
        settings = resolve_settings(None, {"llm_provider": "anthropic", "llm_model": "m"})
    assert settings.llm_model == "m"
