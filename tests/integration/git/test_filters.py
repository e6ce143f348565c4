"""Filters of the user's clone: carried if a person named them, else the repository is refused."""

from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git.origins import filters
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from tests.integration.git.making import Host, Repo

ROT = "tr a-zA-Z n-za-mN-ZA-M"
#: Finds its key as git-crypt does, and like it fails without one.
CRYPT = """#!/bin/sh
key=$(cat "$(git rev-parse --git-dir)/git-crypt/keys/default") || exit 1
exec tr $key
"""


@pytest.fixture(autouse=True)
def _nothing_is_configured_for_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))


@pytest.fixture
def user(user: Repo) -> Repo:
    """A repository whose secret.txt is stored in another form."""
    for kind in ("clean", "smudge"):
        user.git("config", f"filter.rot.{kind}", ROT)
    user.git("config", "filter.rot.required", "true")
    user.commit({".gitattributes": "secret* filter=rot\n", "secret.txt": "hush\n"})
    assert user.show("HEAD", "secret.txt") == "uhfu"
    return user


def _prepare(host: Host, *carried: str, commit: str | None = None) -> None:
    base = commit or host.mirror.resolve("main")
    filters.prepare(host.mirror, carried, commit=base, base_branch="main")


def _add_secret(host: Host, name: str) -> Repo:
    """Let an agent add one secret without and another with a commit; return its worktree."""
    agent = host.worktree(name)
    assert (agent.path / "secret.txt").read_text() == "hush\n"
    agent.commit({"secret-1": "abc\n"})
    agent.write({"secret-2": "abc\n"})
    saved = worktrees.save(agent.path, message="save").tip
    assert agent.show(saved, "secret-1") == agent.show(saved, "secret-2") == "nop"
    return agent


def test_a_filter_that_nobody_named_is_refused_with_the_ways_out(host: Host, user: Repo) -> None:
    with pytest.raises(RepositoryError) as refused:
        _prepare(host)
    assert not refused.value.details.get("transient")
    assert "of 'main'" in refused.value.message
    assert str(user.path) in refused.value.message
    assert "name the filter 'rot'" in refused.value.message
    assert "add 'rot' to git.filters" in refused.value.message
    assert "git config --global filter.rot.clean" in refused.value.message


def test_a_named_filter_works_in_worktrees_in_agents_commits_and_in_saves(host: Host) -> None:
    _prepare(host, "rot")
    _add_secret(host, "one")
    _prepare(host, "rot", "other")
    _add_secret(host, "two")


def test_a_filter_that_is_named_no_more_is_carried_no_more(host: Host) -> None:
    _prepare(host, "rot")
    with pytest.raises(RepositoryError, match="filter 'rot'"):
        _prepare(host)
    assert "rot" not in (host.mirror.path / "config").read_text()


def test_a_changed_setting_counts_from_the_next_start(host: Host, user: Repo) -> None:
    _prepare(host, "rot")
    user.git("config", "filter.rot.clean", "cat")
    _prepare(host, "rot")
    assert host.in_mirror("config", "filter.rot.clean") == "cat"


def test_a_named_filter_that_the_clone_lacks_is_refused_with_the_cause(
    host: Host, user: Repo
) -> None:
    user.git("config", "--remove-section", "filter.rot")
    with pytest.raises(RepositoryError, match="Your clone does not configure it although git.filt"):
        _prepare(host, "rot")


def test_what_the_hosts_user_has_configured_needs_no_name(host: Host, tmp_path: Path) -> None:
    for kind in ("clean", "smudge"):
        host.in_mirror("config", "--file", str(tmp_path / "gitconfig"), f"filter.rot.{kind}", ROT)
    _prepare(host)
    agent = host.worktree().write({"secret-2": "abc\n"})
    assert agent.show(worktrees.save(agent.path, message="save").tip, "secret-2") == "nop"


def test_of_a_url_only_filters_of_the_hosts_user_can_be_used(user: Repo, tmp_path: Path) -> None:
    mirror = Mirror.open(f"file://{user.path}", tmp_path / "mirrors")
    host = Host(mirror, tmp_path / "worktrees")
    with pytest.raises(RepositoryError, match="filter 'rot'"):
        _prepare(host, "rot")


@pytest.mark.parametrize(
    "attributes",
    [
        "[attr]secret filter=rot\n*.txt secret\n",
        "# all of it\n\n  *.txt  -text\tfilter=rot diff\n",
        '"a b*" filter=rot\n',
    ],
)
def test_a_filter_is_found_wherever_it_is_named(attributes: str, host: Host, user: Repo) -> None:
    user.git("rm", "--quiet", ".gitattributes")
    user.commit({"deep/er/.gitattributes": attributes})
    with pytest.raises(RepositoryError, match="filter 'rot'"):
        _prepare(host)


@pytest.mark.parametrize("attributes", ["*.bin filter=lfs\n", "#x filter=rot\n", "a -filter\n"])
def test_what_needs_no_filter_is_not_refused(attributes: str, host: Host, user: Repo) -> None:
    user.commit({".gitattributes": attributes})
    _prepare(host)


def test_an_agent_cannot_have_its_workflow_refused(host: Host) -> None:
    _prepare(host, "rot")
    tip = host.work("one", {"sub/.gitattributes": "* filter=of-an-agent\n"})
    _prepare(host, "rot", commit=tip)
    assert (host.worktree("two", commit=tip).path / "sub" / ".gitattributes").exists()


def test_the_keys_of_git_crypt_come_along(host: Host, user: Repo, tmp_path: Path) -> None:
    program = tmp_path / "git-crypt"
    program.write_text(CRYPT)
    program.chmod(0o755)
    key = user.path / ".git" / "git-crypt" / "keys" / "default"
    key.parent.mkdir(parents=True)
    key.write_text("a-zA-Z n-za-mN-ZA-M")
    for kind in ("clean", "smudge"):
        user.git("config", f"filter.git-crypt.{kind}", f'"{program}" {kind}')
    user.git("config", "filter.git-crypt.required", "true")
    user.commit({".gitattributes": "secret* filter=git-crypt\n"})
    _prepare(host, "git-crypt")
    assert (host.mirror.path / "git-crypt" / "keys" / "default").stat().st_mode & 0o77 == 0
    _add_secret(host, "one")
    key.write_text("a-z n-za-m")
    _prepare(host, "git-crypt")
    _add_secret(host, "two")
