"""Settings of git that are read at each start: kept in memory, and never older than their files."""

from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import config_text
from hephaestus_worker.git.config_text import content_settings, path_setting
from tests.integration.git.making import Repo


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with the settings of the user."""
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / ".gitconfig"


def test_a_change_counts_at_once(person: Path, tmp_path: Path) -> None:
    assert content_settings() == ""
    person.write_text("[user]\n\tname = Ada\n")
    assert content_settings() == '[user]\n\tname = "Ada"\n'
    person.write_text("[user]\n\tname = Eva\n")
    assert content_settings() == '[user]\n\tname = "Eva"\n'
    above = tmp_path / ".config" / "git"
    above.mkdir(parents=True)
    (above / "config").write_text("[core]\n\tautocrlf = input\n")
    person.unlink()
    assert content_settings() == '[core]\n\tautocrlf = "input"\n'


def test_a_setting_of_a_repository_outranks_that_of_the_user(person: Path, tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo")
    git_dir = repo.path / ".git"
    assert path_setting("core.excludesFile", git_dir) is None
    person.write_text("[core]\n\texcludesFile = ~/rules\n")
    assert path_setting("core.excludesFile", git_dir) == str(tmp_path / "rules")
    assert path_setting("core.excludesFile", None) == str(tmp_path / "rules")
    repo.git("config", "core.excludesFile", "own")
    assert path_setting("core.excludesFile", git_dir) == "own"
    assert path_setting("core.excludesFile", None) == str(tmp_path / "rules")


def test_what_has_not_changed_is_not_read_again(
    person: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.write_text("[user]\n\tname = Ada\n")
    monkeypatch.setattr(config_text, "_period", lambda: 1)
    first = content_settings()
    monkeypatch.setenv("PATH", "/nowhere")  # git would not be found
    assert content_settings() == first
    monkeypatch.setattr(config_text, "_period", lambda: 2)
    with pytest.raises(RepositoryError, match="no git"):
        content_settings()
