"""The commands of a repository: where they come from, and which of them counts."""

from dataclasses import asdict
from pathlib import Path

import pytest

from hephaestus_core.contract.commands import with_commands
from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.settings.config import load_settings
from hephaestus_core.settings.repository_settings import read_repository, settings_of


def test_a_repository_is_found_under_any_spelling_of_its_path_or_url(tmp_path: Path) -> None:
    repository = tmp_path / "app"
    repository.mkdir()
    (tmp_path / "link").symlink_to(repository)
    settings = {
        str(tmp_path / "link"): {"setup_command": "make"},
        "https://git.example/team/app.git": {"test_command": "pytest"},
    }
    assert settings_of(settings, str(repository)).setup_command == "make"
    assert settings_of(settings, "https://git.example/team/app/").test_command == "pytest"
    assert not any(asdict(settings_of(settings, "https://git.example/team/other")).values())


def test_all_faults_of_repositories_come_together_without_their_logins() -> None:
    wrong = {"https://amy:hunter2@a.example/r": {"setup_comand": "x", "lint_command": 3}, "/b": "x"}
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ={}, overrides={"repositories": wrong})
    for words in (
        "'https://***@a.example/r': leave the login out",
        "unknown key 'setup_comand'; did you mean 'setup_command'?",
        "expected 'lint_command' to be a text (found 3)",
        "'/b': expected names with values",
    ):
        assert words in refused.value.message
    assert "hunter2" not in refused.value.message


def test_what_is_kept_of_a_set_up_needs_what_decides_it() -> None:
    both = {"setup_keeps": ["web/node_modules/"], "setup_reads": ["./package-lock.json"]}
    found = settings_of({"/srv/app": both}, "/srv/app")
    assert found.setup_keeps == ("web/node_modules",)
    assert found.setup_reads == ("package-lock.json",)
    assert read_repository("/srv/app", both) == []

    [lone] = read_repository("/b", {"setup_keeps": ["a"]})
    assert lone == "'/b': 'setup_keeps' needs 'setup_reads'; give both, or none"
    for path in ("/etc", "../a", "a/../../b", ".", "", 3, ".git/hooks", "a\0b"):
        [fault] = read_repository("/b", {**both, "setup_reads": ["a", path]})
        assert "expected 'setup_reads' to be a list of paths in the repository" in fault
    for value in ("a", [], None):
        [fault] = read_repository("/b", {**both, "setup_keeps": value})
        assert "expected 'setup_keeps' to be a list" in fault


def test_a_launch_wins_over_the_definition_and_that_over_the_setting() -> None:
    config = {"setup_command": "defined", "test_command": "defined", "lint_command": "", "x": 1}
    usual = {"setup_command": "usual", "lint_command": "usual", "after_create": "hook"}
    assert with_commands(config, {"test_command": "asked", "lint_command": ""}, usual) == {
        "setup_command": "defined",
        "test_command": "asked",
        "lint_command": "usual",
        "x": 1,
    }
