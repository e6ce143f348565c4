"""Ignore rules that the user keeps outside of .gitignore: what they name is never saved."""

from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from tests.integration.git.making import Host, Repo


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))


def _exclude(user: Repo, rules: str) -> None:
    file = user.path / ".git" / "info" / "exclude"
    file.parent.mkdir(exist_ok=True)
    file.write_text(rules)


def _saved_of(host: Host, name: str, *files: str) -> set[str]:
    """Return which of these new files of an agent that starts now are saved."""
    host.mirror.refresh_ignore_rules()
    agent = host.worktree(name).write(dict.fromkeys(files, "x\n"))
    tip = worktrees.save(agent.path, message="save").tip
    return set(agent.files(tip)) & set(files)


def test_the_rules_of_the_clone_count_from_the_next_start(user: Repo, host: Host) -> None:
    assert _saved_of(host, "one", "local.cfg", "a") == {"local.cfg", "a"}
    _exclude(user, "local.cfg")
    assert _saved_of(host, "two", "local.cfg", "a") == {"a"}
    _exclude(user, "a")
    assert _saved_of(host, "three", "local.cfg", "a") == {"local.cfg"}
    (user.path / ".git" / "info" / "exclude").unlink()
    assert _saved_of(host, "four", "local.cfg", "a") == {"local.cfg", "a"}


def test_what_an_agent_adds_itself_respects_them_too(user: Repo, host: Host) -> None:
    _exclude(user, "local.cfg\n")
    host.mirror.refresh_ignore_rules()
    agent = host.worktree()
    agent.commit({"local.cfg": "secret\n", "a": "a\n"})
    assert "local.cfg" not in agent.files()


@pytest.mark.parametrize("named", ["rules", "~/rules", "in the clone"])
def test_a_file_that_a_setting_names_counts(
    named: str, user: Repo, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file = user.path / ".rules" if named == "in the clone" else tmp_path / "rules"
    file.write_text("local.cfg")
    value = {"rules": str(file), "~/rules": "~/rules", "in the clone": ".rules"}[named]
    user.git("config", "core.excludesFile", value)
    assert _saved_of(host, "one", "local.cfg", "a") == {"a"}


def test_the_later_rule_wins_as_in_the_clone(user: Repo, host: Host, tmp_path: Path) -> None:
    (tmp_path / "git" / "ignore").write_text("*.log\n*.tmp")
    _exclude(user, "!kept.log\n")
    agent = host.worktree("start").write({".gitignore": "!kept.tmp\n"})
    worktrees.save(agent.path, message="save")
    saved = _saved_of(host, "one", "kept.log", "x.log", "x.tmp")
    assert saved == {"kept.log"}


def test_a_rule_that_the_clone_replaces_does_not_count(
    user: Repo, host: Host, tmp_path: Path
) -> None:
    (tmp_path / "rules").write_text("*.log\n")
    (tmp_path / "gitconfig").write_text(f"[core]\n\texcludesFile = {tmp_path / 'rules'}\n")
    assert _saved_of(host, "one", "x.log", "x.tmp") == {"x.tmp"}
    (tmp_path / "others").write_text("*.tmp\n")
    user.git("config", "core.excludesFile", str(tmp_path / "others"))
    assert _saved_of(host, "two", "x.log", "x.tmp") == {"x.log"}


def test_of_a_url_the_rules_of_the_hosts_user_count(user: Repo, tmp_path: Path) -> None:
    (tmp_path / "git" / "ignore").write_text("local.cfg\n")
    mirror = Mirror.open(f"file://{user.path}", tmp_path / "mirrors")
    host = Host(mirror, tmp_path / "worktrees")
    assert _saved_of(host, "one", "local.cfg", "a") == {"a"}
    assert b"local.cfg" in (mirror.path / "info" / "exclude").read_bytes()


def test_rules_that_cannot_be_read_are_no_absence_of_rules(user: Repo, host: Host) -> None:
    (user.path / ".git" / "info").mkdir(exist_ok=True)
    link = user.path / ".git" / "info" / "exclude"
    link.unlink(missing_ok=True)
    link.symlink_to("exclude")
    with pytest.raises(RepositoryError, match=r"ignore rules in .*exclude cannot be read"):
        host.mirror.refresh_ignore_rules()
