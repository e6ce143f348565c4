"""Files that git does not take: named with the reason, the rest is saved, nothing is lost."""

import os
from pathlib import Path

import pytest

from hephaestus_core.contract.left_out import LeftOut
from hephaestus_worker.git import command as git
from hephaestus_worker.git.worktrees import left_out, worktrees
from hephaestus_worker.git.worktrees.new_files import Rules
from tests.integration.git.making import Host, Repo

ATTRIBUTES = "secret* filter=picky\n*.ps1 working-tree-encoding=UTF-16\n*.txt text\n"
PICKY = "grep -v no-way"  # fails if every line has this word


@pytest.fixture
def user(user: Repo) -> Repo:
    user.commit({".gitattributes": ATTRIBUTES, "secret-old": "fine\n", "ok": "1\n"})
    return user


@pytest.fixture
def agent(host: Host) -> Repo:
    """An agent's worktree, with a filter that is required and fails on some files."""
    for key, value in (("clean", PICKY), ("smudge", "cat"), ("required", "true")):
        host.in_mirror("config", f"filter.picky.{key}", value)
    return host.worktree()


def _reasons(left: tuple[LeftOut, ...]) -> dict[str, str]:
    return {each.path: each.reason for each in left}


@pytest.mark.parametrize("commits", [True, False])
def test_they_are_named_and_the_rest_is_saved(commits: bool, agent: Repo) -> None:
    many = {f"new/{number}": "x\n" for number in range(40)}
    agent.write({"secret-old": "no-way\n", "secret-new": "no-way\n", "a.ps1": "abc", **many})
    agent.write({"secret-fine": "y\n", "ok": "2\n", "mixed.txt": "a\r\nb\n"})
    saved = worktrees.save(agent.path, message="save", rules=Rules(commits=commits))
    tree = saved.tip if commits else str(saved.uncommitted)
    reasons = _reasons(saved.left_out)
    assert set(reasons) == {"secret-old", "secret-new", "a.ps1"}
    assert "secret-new: clean filter 'picky' failed" in reasons["secret-new"]
    assert "UTF-16" in reasons["a.ps1"]
    assert {*many, "secret-fine", "mixed.txt"} <= set(agent.files(tree))
    assert agent.show(tree, "ok") == "2"
    assert agent.show(tree, "secret-old") == "fine", "the last version that git took"


def test_what_is_no_file_any_more_is_named(agent: Repo) -> None:
    (agent.path / "ok").unlink()
    os.mkfifo(agent.path / "ok")
    agent.write({"new": "1\n"})
    saved = worktrees.save(agent.path, message="save")
    assert list(_reasons(saved.left_out)) == ["ok"]
    assert agent.show(saved.tip, "ok") == "1"
    assert "new" in agent.files(saved.tip)


def test_once_mended_they_are_saved(agent: Repo) -> None:
    agent.write({"secret-old": "no-way\n"})
    assert worktrees.save(agent.path, message="save").left_out
    agent.write({"secret-old": "better\n"})
    saved = worktrees.save(agent.path, message="save")
    assert saved.left_out == ()
    assert agent.show(saved.tip, "secret-old") == "better"


def test_they_are_set_aside_before_the_worktree_goes(
    agent: Repo, host: Host, tmp_path: Path
) -> None:
    agent.write({"secret-old": "no-way\n", "secret-new": "no-way\n", "new": "1\n"})
    saved = worktrees.save(agent.path, message="save")
    host.push(saved.tip)
    with pytest.raises(git.RepositoryError, match="unsaved"):
        worktrees.remove(host.mirror, agent.path)

    for _ in range(2):  # a second time completes a first that was killed
        left_out.set_aside(agent.path, tmp_path / "aside", Rules(), saved.left_out)
        again = worktrees.save(agent.path, message="save")
        assert (again.tip, again.left_out) == (saved.tip, ())
    worktrees.remove(host.mirror, agent.path)

    kept = {each.name: each.read_text() for each in (tmp_path / "aside").iterdir()}
    assert kept == {"secret-old": "no-way\n", "secret-new": "no-way\n"}


def test_trouble_of_the_host_is_blamed_on_no_file(agent: Repo, host: Host) -> None:
    agent.write({"new": "1\n"})
    objects = host.mirror.path / "objects"
    objects.rename(objects.with_name("away"))
    with pytest.raises(git.RepositoryError):
        worktrees.save(agent.path, message="save")
    objects.with_name("away").rename(objects)
    assert "new" in agent.files(worktrees.save(agent.path, message="save").tip)
