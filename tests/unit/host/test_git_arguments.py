"""What comes from outside can be neither an option nor a way out, and no password is shown."""

import sys
from pathlib import Path

import pytest

from hephaestus_core.contract.branch_names import check_branch
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import Login
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins import origin as origins
from hephaestus_worker.git.surroundings import environment


@pytest.mark.parametrize(
    "name", ["main", "feature/a-b_c", "hephaestus/task/0123abcd-1", "ümläut", "v1.0", "a@b"]
)
def test_good_branches_pass_unchanged(name: str) -> None:
    assert check_branch(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("", "-d", "--force", "a..b", "a b", "a\nb", "a\x00b", "a\x7fb", "a~1", "a^", "a:b"),
        *("a?b", "a*", "a[b", "a\\b", "a@{0}", "@", "HEAD", "/a", "a/", "a//b", ".a", "a/.b"),
        *("a.lock", "a.lock/b", "a.", "x" * 241),
    ],
)
def test_names_that_git_refuses_or_misreads_are_refused(name: str) -> None:
    with pytest.raises(RepositoryError, match="cannot be the name of a branch") as refused:
        check_branch(name, field="base_branch")
    assert refused.value.field == "base_branch"


@pytest.mark.parametrize(
    "commit", ["", "main", "abc", "--all", "A" * 40, "a" * 41, "a" * 40 + "\n"]
)
def test_only_full_ids_are_commits(commit: str) -> None:
    with pytest.raises(RepositoryError, match="is no commit"):
        git.check_commit(commit)


@pytest.mark.parametrize(
    "origin",
    [
        *("", " ", "-u/tmp/x", "--upload-pack=touch x", "ext::sh -c touch% x", "fd::17"),
        *("file://a\nb", "/tmp/\x00a", "transport::/a", "foo://host/a", "javascript:x::y"),
    ],
)
def test_addresses_that_could_run_something_are_refused(origin: str) -> None:
    with pytest.raises(RepositoryError, match="no repository that can be used") as refused:
        origins.local_path(origin)
    assert refused.value.field == "main_repo_path"


@pytest.mark.parametrize(
    "origin",
    [
        *("https://example.org/a.git", "ssh://git@example.org:22/a", "git://example.org/a"),
        *("file:///srv/a.git", "git@example.org:team/a.git", "example.org:a"),
    ],
)
def test_urls_are_told_from_folders(origin: str) -> None:
    assert origins.local_path(origin) is None


def test_paths_are_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert origins.local_path("work/../here") == tmp_path / "here"
    assert origins.local_path("./here") == tmp_path / "here"
    assert origins.local_path("~/here") == tmp_path / "here"


def test_a_login_stands_in_no_argument_and_in_no_text() -> None:
    for login in (Login("me@work", "s3cret"), Login("s3cret", "")):
        place = origins.address("https://example.org:8443/team/a.git", login)
        assert "s3cret" in place.env.values()
        assert "s3cret" not in " ".join(place.options) + repr(place) + repr(login) + place.shown


def test_gits_messages_are_told_without_logins() -> None:
    told = git.brief("fatal: unable to access 'https://me:s3cret@example.org/': no route\n")
    assert told == "fatal: unable to access 'https://***@example.org/': no route"


def test_the_user_of_ssh_is_part_of_the_place() -> None:
    for url in ("ssh://git@example.org/a.git", "git@example.org:a.git"):
        assert origins.address(url) == origins.Address(url)


def test_an_error_names_the_deed_the_reason_and_the_remedy() -> None:
    finished = git.Finished(128, b"", "warning: x\nfatal: write error: No space left on device\n")
    error = git.GitError("save the work", finished)
    assert error.message == (
        "Could not save the work: fatal: write error: No space left on device. "
        "To go on, free disk space."
    )
    assert error.code == "repository_error"
    assert error.details == {"transient": False, "fault": "host"}


@pytest.mark.parametrize(
    "name",
    [
        *("GIT_DIR", "GIT_INDEX_FILE", "GIT_CONFIG_COUNT", "LANG", "EDITOR", "SSH_ASKPASS"),
        *("HEPHAESTUS_DATABASE_URL", "HEPHAESTUS_REDIS_URL", "HEPHAESTUS_HOME", "DATABASE_URL"),
        *("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD"),
    ],
)
def test_git_sees_none_of_our_surroundings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "/nowhere")
    assert "/nowhere" not in environment().values()
    assert "/nowhere" not in environment(server=True).values()


@pytest.mark.parametrize("name", ["PATH", "HOME", "TMPDIR", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL"])
def test_every_command_finds_programs_and_the_users_settings(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "/somewhere")
    assert environment()[name] == environment(server=True)[name] == "/somewhere"


@pytest.mark.parametrize(
    "name", ["SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "https_proxy", "SSL_CERT_FILE", "GITHUB_TOKEN"]
)
def test_only_commands_that_talk_to_a_server_log_in_as_the_user(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "known")
    assert name not in environment()
    assert environment(server=True)[name] == "known"


def test_a_caller_has_the_last_word(tmp_path: Path) -> None:
    env = environment(tmp_path, tmp_path / "files", {"GIT_LITERAL_PATHSPECS": "0"})
    assert env["GIT_DIR"] == str(tmp_path)
    assert env["GIT_WORK_TREE"] == str(tmp_path / "files")
    assert env["GIT_LITERAL_PATHSPECS"] == "0"
    assert env["LC_ALL"] == "C"


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    sleeper = f"!{sys.executable} -c 'import time; time.sleep(60)'"
    with pytest.raises(git.GitTimeout, match="longer than 0 s") as ended:
        git.run("-c", f"alias.hang={sleeper}", "hang", doing="wait", timeout=0.3)
    assert ended.value.details == {"transient": True, "fault": "repository"}


def test_a_missing_or_old_git_is_told_with_the_way_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.30.1\n")
    old.chmod(0o755)
    for path, found in ((str(tmp_path), "git version 2.30.1"), (str(tmp_path / "no"), "no git")):
        git.check_git.cache_clear()
        monkeypatch.setenv("PATH", path)
        with pytest.raises(RepositoryError, match=rf"2\.38 or newer .* found {found}.*apt install"):
            git.check_git()
    git.check_git.cache_clear()
