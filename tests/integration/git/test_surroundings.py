"""What git runs for us sees no secret, and a person's settings change none of our commands."""

from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from tests.integration.git.making import TARGET, Host, Repo, branch_of

HOSTILE = """
[commit]
    gpgSign = true
    template = /nowhere
[push]
    gpgSign = true
    followTags = true
    pushOption = ci.skip
    recurseSubmodules = check
[merge]
    verifySignatures = true
[fetch]
    prune = true
    pruneTags = true
[log]
    showSignature = true
[color]
    ui = always
[core]
    autocrlf = true
    safecrlf = true
    hooksPath = /nowhere
    fsmonitor = /nowhere
[submodule]
    recurse = true
[clone]
    defaultRemoteName = upstream
[i18n]
    commitEncoding = ISO-8859-1
"""


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Secrets in the worker's environment; returns the values."""
    kept = {"HEPHAESTUS_DATABASE_URL": "postgres-s3cret", "ANTHROPIC_API_KEY": "model-s3cret"}
    for name, value in kept.items():
        monkeypatch.setenv(name, value)
    return set(kept.values())


def _configure(monkeypatch: pytest.MonkeyPatch, file: Path, text: str) -> None:
    file.write_text(text)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))


def test_a_filter_sees_no_secret_of_the_worker(
    user: Repo, secrets: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "socket-s3cret")
    seen = tmp_path / "seen"
    clean = f'[filter "look"]\n\tclean = "env > {seen}; cat"\n'
    _configure(monkeypatch, tmp_path / "config", clean)
    user.commit({".gitattributes": "*.txt filter=look\n"})
    host = Host(Mirror.open(str(user.path), tmp_path / "mirrors"), tmp_path / "worktrees")
    user.git("config", "filter.look.clean", "cat")
    agent = host.worktree().write({"a.txt": "a\n"})
    worktrees.save(agent.path, message="save")
    assert "PATH=" in seen.read_text()
    assert not [value for value in {*secrets, "socket-s3cret"} if value in seen.read_text()]


def test_a_login_gets_its_own_variables_and_no_secret(
    secrets: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\nenv > {seen}\nexit 1\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    with pytest.raises(RepositoryError):
        Mirror.open("ssh://nobody@127.0.0.1/a.git", tmp_path / "mirrors")
    assert "SSH_AUTH_SOCK=/run/agent" in seen.read_text()
    assert not [value for value in secrets if value in seen.read_text()]


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_no_setting_of_a_person_changes_what_we_do(
    scheme: str, user: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.git("tag", "-a", "v1", "-m", "one")
    user.git("checkout", "--quiet", "--detach")
    _configure(monkeypatch, tmp_path / "config", HOSTILE)
    origin = Mirror.open(f"{scheme}{user.path}", tmp_path / "mirrors")
    host = Host(origin, tmp_path / "worktrees")
    agent = host.worktree()
    host.in_mirror("tag", "-a", "agents-own", "-m", "not for the origin", "origin/main")
    agent.write({"ends.txt": "unix\nwindows\r\n", "ümläut": "ü\n"})
    tip = worktrees.save(agent.path, message="Größe").tip
    host.push(tip)
    assert [outcome.status for outcome in host.merge(tip)] == ["merged"]
    assert {"ends.txt", "ümläut"} <= set(user.files(TARGET))
    assert user.git("tag") == "v1"
    raw = user.git("cat-file", "commit", branch_of("one"))
    assert "encoding" not in raw
    assert "Größe" in raw
    assert "gpgsig" not in raw


def test_a_checkout_moves_forward_whatever_its_settings_demand(
    user: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _configure(monkeypatch, tmp_path / "config", HOSTILE)
    host = Host(Mirror.open(str(user.path), tmp_path / "mirrors"), tmp_path / "worktrees")
    tip = host.work("one", {"new": "1\n"})
    assert host.mirror.push(tip, "main", expected=host.mirror.tip("main"))
    assert (user.path / "new").exists()


def test_history_is_what_the_commits_say(user: Repo, host: Host) -> None:
    first = user.tip()
    second = user.commit({"new": "1"})
    assert host.mirror.resolve("main") == second
    (host.mirror.path / "info").mkdir(exist_ok=True)
    (host.mirror.path / "info" / "grafts").write_text(f"{second}\n")
    host.in_mirror("update-ref", f"refs/replace/{first}", second)

    def ancestry(commit: str) -> list[str]:
        log = git.run("log", "--format=%H %T", commit, doing="look", git_dir=host.mirror.path)
        return log.text.splitlines()

    assert ancestry(second) == [
        f"{second} {user.tip(f'{second}^{{tree}}')}",
        f"{first} {user.tip(f'{first}^{{tree}}')}",
    ]
