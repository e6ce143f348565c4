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


def test_settings_without_effect_are_accepted_with_one_warning() -> None:
    Path("hephaestus_config.yaml").write_text("task_deduplication: {similarity_threshold: 0.4}")
    expected = "similarity_threshold: .*; llm_model: .* cli_model"
    with pytest.warns(UserWarning, match=expected) as caught:
        settings = resolve_settings(None, {"llm_model": "m", "related_threshold": 0.2})
    assert len(caught) == 1
    assert (settings.llm_model, settings.similarity_threshold) == ("m", 0.4)


def test_a_repository_is_named_once_or_twice_the_same(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'main_repo_path' is '/a' .*'/b': .*the same"):
        resolve_settings(None, {"main_repo_path": "/a", "project_root": "/b"})
    same = {"main_repo_path": f"{tmp_path}/", "project_root": str(tmp_path)}
    assert resolve_settings(None, same).repository == f"{tmp_path}/"


def test_a_source_that_names_a_repository_wins_by_either_name() -> None:
    Path("hephaestus_config.yaml").write_text(
        "{paths: {project_root: /a}, git: {main_repo_path: /a}}"
    )
    assert resolve_settings(None, {"project_root": "/b"}).repository == "/b"
    assert resolve_settings(None, {"main_repo_path": "/b"}).repository == "/b"
    config = Settings(project_root="/a")
    assert resolve_settings(config, {"main_repo_path": "/b"}).repository == "/b"
