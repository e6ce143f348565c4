from pathlib import Path

import pytest

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.settings.config import load_settings


def test_a_later_source_wins(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("server: {port: 1111, ui_port: 2222, host: 127.0.0.2}\n")
    environ = {"HEPHAESTUS_MCP_PORT": "3333", "HEPHAESTUS_UI_PORT": "4444"}

    settings = load_settings(file=file, environ=environ, overrides={"ui_port": 5555})

    assert (settings.mcp_host, settings.mcp_port, settings.ui_port) == ("127.0.0.2", 3333, 5555)


def test_all_faults_of_all_sources_come_together_with_the_nearest_names(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("sever: 1\nserver: {prot: 3}\ngit: {auto_commit: perhaps}\n")

    with pytest.raises(ConfigurationError) as refused:
        load_settings(
            file=file,
            environ={"HEPHAESTUS_REDIS_ULR": "x"},
            overrides={"mcp_prot": 1, "similarity_threshold": 2.0},
        )

    message = refused.value.message
    for words in (
        "unknown key 'sever'; did you mean 'server'?",
        "unknown key 'server.prot'; did you mean 'port'?",
        "'auto_commit': expected true or false",
        "HEPHAESTUS_REDIS_ULR: unknown setting; did you mean 'redis_url'?",
        "unknown key 'mcp_prot'; did you mean 'mcp_port'?",
        "'similarity_threshold': expected a number from 0 to 1",
    ):
        assert words in message


@pytest.mark.parametrize(
    "overrides",
    [
        {"mcp_port": 0},
        {"mcp_port": True},
        {"conflict_resolution": "ours"},
        {"default_cli_tool": "vim"},
        {"max_concurrent_agents": 0},
        {"lease_seconds": 5.0, "heartbeat_seconds": 4.0},
        {"host_labels": 3},
    ],
)
def test_values_that_cannot_be_used_are_refused(overrides: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        load_settings(environ={}, overrides=overrides)


def test_a_missing_file_that_was_named_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        load_settings(environ={"HEPHAESTUS_CONFIG": str(tmp_path / "none.yaml")})


def test_the_specifications_parameters_are_all_settings() -> None:
    settings = load_settings(
        environ={},
        overrides={
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
    assert settings.repository == "/path/to/project"
    assert settings.database_path == Path("custom.db").absolute()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
    ],
)
def test_the_url_of_the_api_follows_from_its_address(host: str, url: str) -> None:
    assert load_settings(environ={}, overrides={"mcp_host": host}).api_url == url


@pytest.mark.parametrize("text", ["1.10", "0123", "fix #3", "~", "null", "true", "a: b", "[x]"])
def test_a_text_in_a_variable_stays_as_it_is(text: str) -> None:
    settings = load_settings(
        environ={"HEPHAESTUS_BASE_BRANCH": text, "HEPHAESTUS_HOME": f"/{text}"}
    )
    assert settings.base_branch == text
    assert settings.home == Path(f"/{text}")


def test_variables_hold_numbers_switches_lists_and_mappings_as_yaml_writes_them() -> None:
    settings = load_settings(
        environ={
            "HEPHAESTUS_MCP_PORT": "8001",
            "HEPHAESTUS_SIMILARITY_THRESHOLD": "0.5",
            "HEPHAESTUS_AUTO_MERGE": "off",
            "HEPHAESTUS_HOST_LABELS": "gpu, 1.10",
            "HEPHAESTUS_CLI_FALLBACK": "[codex, 'opencode:1.10']",
            "HEPHAESTUS_LLM_PROVIDERS": "{anthropic: {api_key_env: KEY}}",
            "HEPHAESTUS_CONFLICT_RESOLUTION": "agent",
            "HEPHAESTUS_CLI_MODEL": "",
        }
    )
    assert (settings.mcp_port, settings.similarity_threshold) == (8001, 0.5)
    assert (settings.auto_merge, settings.conflict_resolution) == (False, "agent")
    assert settings.host_labels == ("gpu", "1.10")
    assert settings.cli_fallback == ("codex", "opencode:1.10")
    assert settings.llm_providers == {"anthropic": {"api_key_env": "KEY"}}
    assert settings.cli_model is None


def test_numbers_for_labels_are_texts_too() -> None:
    settings = load_settings(environ={"HEPHAESTUS_HOST_LABELS": "1.10"})
    assert settings.host_labels == ("1.10",)


@pytest.mark.parametrize(
    "line", ["git: {base_branch: 1.10}", "git: {base_branch: 0123}", "host_labels: [1.10]"]
)
def test_a_number_in_the_file_where_a_text_is_meant_has_to_be_quoted(
    tmp_path: Path, line: str
) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(line)
    with pytest.raises(ConfigurationError, match="expected a text; put it in quotes"):
        load_settings(file=file, environ={})


@pytest.mark.parametrize(
    "given",
    [
        {"main_repo_path": "ssh://me:s3cret@host/a"},
        {"main_repo_path": "https://me:s3cret@a/a", "project_root": "https://me:s3cret@b/b"},
        {"main_repo_path": ["https://me:s3cret@a/a"]},
    ],
)
def test_a_fault_is_told_without_the_login_of_a_repository(given: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ={}, overrides=given)
    assert "s3cret" not in refused.value.message
