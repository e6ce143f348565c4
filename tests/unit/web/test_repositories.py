import subprocess
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.settings.config import load_settings
from hephaestus_web.launching.orders import launch_order
from hephaestus_web.launching.repositories import (
    check_base_branch,
    check_repository,
    default_base_branch,
)
from tests.bounds import bounded
from tests.integration.git.making import Repo
from tests.strange_files import STRANGE

SETTINGS = load_settings(environ={})


def _repository(folder: Path, head: str, *branches: str) -> str:
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text(head)
    for branch in branches:
        ref = folder / ".git" / "refs" / "heads" / branch
        ref.parent.mkdir(parents=True, exist_ok=True)
        ref.write_text("0" * 40)
    return str(folder)


@pytest.mark.parametrize(
    ("head", "branch"), [("ref: refs/heads/master\n", "master"), ("ref: refs/heads/a/b\n", "a/b")]
)
def test_the_branch_that_is_checked_out_is_the_base(tmp_path: Path, head: str, branch: str) -> None:
    assert default_base_branch(_repository(tmp_path, head)) == branch


@pytest.mark.parametrize(
    "head",
    [
        "0123456789012345678901234567890123456789\n",
        "ref: refs/heads/hephaestus/bug-fix-1\n",
        "ref: refs/heads/.invalid\n",
    ],
)
def test_without_a_branch_checked_out_one_has_to_be_named(tmp_path: Path, head: str) -> None:
    repository = str(Repo.make(tmp_path / "r").path)
    Repo(tmp_path / "r").commit({"a": "1"})
    Repo(tmp_path / "r").git("branch", "mine")
    (tmp_path / "r" / ".git" / "HEAD").write_text(head)
    with pytest.raises(RepositoryError, match="as 'base_branch'") as refused:
        default_base_branch(repository)
    assert refused.value.field == "base_branch"
    given = {"definition_id": "d", "main_repo_path": repository, "base_branch": "mine"}
    assert launch_order(SETTINGS, given, created_by="me", key=None).base_branch == "mine"


def test_the_base_branch_has_to_be_there(tmp_path: Path) -> None:
    repository = _repository(tmp_path, "ref: refs/heads/main\n", "main", "a/b", "hephaestus/x-1")
    packed = f"# pack-refs with: peeled\n{'0' * 40} refs/heads/old\n^{'0' * 40}\n"
    (tmp_path / ".git" / "packed-refs").write_text(packed)
    for branch in ("main", "a/b", "old"):
        check_base_branch(SETTINGS, repository, branch)
    with pytest.raises(RepositoryError) as refused:
        check_base_branch(SETTINGS, repository, "mian")
    assert refused.value.field == "base_branch"
    assert refused.value.message == (
        f"{repository} has no branch 'mian'; did you mean 'main'?; it has: a/b, main, old."
    )
    with pytest.raises(RepositoryError, match="no branch 'a'"):
        check_base_branch(SETTINGS, repository, "a")
    with pytest.raises(RepositoryError, match="cannot be the name"):
        check_base_branch(SETTINGS, repository, "../../HEAD")


def test_a_repository_without_a_commit_is_told_how_to_make_one(tmp_path: Path) -> None:
    repository = _repository(tmp_path, "ref: refs/heads/main\n")
    given = {"definition_id": "d", "main_repo_path": repository}
    with pytest.raises(RepositoryError, match="git commit --allow-empty") as refused:
        launch_order(SETTINGS, given, created_by="me", key=None)
    assert refused.value.field == "main_repo_path"


def test_branches_are_found_where_git_keeps_them(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        name = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", *name, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch=main")
    with pytest.raises(RepositoryError, match="make the first commit of 'main'"):
        check_base_branch(SETTINGS, str(tmp_path), "main")
    git("commit", "--allow-empty", "-m", "Initial commit")
    check_base_branch(SETTINGS, str(tmp_path), "main")
    git("branch", "release/1")
    git("pack-refs", "--all")
    check_base_branch(SETTINGS, str(tmp_path), "release/1")
    git("worktree", "add", "-b", "side", "linked")
    check_base_branch(SETTINGS, str(tmp_path / "linked"), "main")
    git("clone", "--bare", ".", "bare.git")
    check_base_branch(SETTINGS, str(tmp_path / "bare.git"), "main")


def test_branches_that_only_git_or_a_host_can_read_are_left_to_them(tmp_path: Path) -> None:
    repository = _repository(tmp_path, "ref: refs/heads/.invalid\n")
    (tmp_path / ".git" / "reftable").mkdir()
    check_base_branch(SETTINGS, repository, "any")
    check_base_branch(SETTINGS, "https://a.example/r.git", "any")


def test_a_linked_worktree_shares_its_branches(tmp_path: Path) -> None:
    _repository(tmp_path / "main", "ref: refs/heads/main\n", "main", "side")
    kept = tmp_path / "main" / ".git" / "worktrees" / "side"
    kept.mkdir(parents=True)
    (kept / "HEAD").write_text("ref: refs/heads/side\n")
    (kept / "commondir").write_text("../..\n")
    side = tmp_path / "side"
    side.mkdir()
    (side / ".git").write_text(f"gitdir: {kept}\n")
    check_base_branch(SETTINGS, str(side), "main")
    with pytest.raises(RepositoryError, match="it has: main, side"):
        check_base_branch(SETTINGS, str(side), "other")


@pytest.mark.parametrize("absolute", [True, False])
def test_a_linked_worktree_has_a_branch_of_its_own(tmp_path: Path, absolute: bool) -> None:
    """In a linked worktree and in a submodule ``.git`` is a file that names the folder."""
    _repository(tmp_path / "main", "ref: refs/heads/main\n")
    kept = tmp_path / "main" / ".git" / "worktrees" / "side"
    kept.mkdir(parents=True)
    (kept / "HEAD").write_text("ref: refs/heads/side\n")
    side = tmp_path / "side"
    side.mkdir()
    named = kept if absolute else Path("../main/.git/worktrees/side")
    (side / ".git").write_text(f"gitdir: {named}\n")
    assert default_base_branch(str(side)) == "side"


def test_a_url_has_nothing_checked_out() -> None:
    assert default_base_branch("https://a.example/r.git") == "main"


@pytest.mark.parametrize("name", ["", "-u", "--upload-pack=x", "ext::sh -c x", "relative", "/none"])
def test_what_cannot_be_a_repository_is_refused(name: str) -> None:
    with pytest.raises(RepositoryError) as refused:
        check_repository(SETTINGS, name)
    assert refused.value.field == "main_repo_path"


@pytest.mark.parametrize("name", ["https://a.example/r", "git@a.example:r.git", "file:///r"])
def test_urls_are_for_the_hosts_to_reach(name: str) -> None:
    check_repository(SETTINGS, name)


def test_a_path_is_not_looked_up_where_hosts_may_be_elsewhere() -> None:
    check_repository(load_settings(environ={}, overrides={"mcp_host": "10.0.0.1"}), "/none")


def test_a_launch_takes_its_limits_from_the_settings(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "r")
    repo.commit({"a": "1"})
    given = {"definition_id": "d", "main_repo_path": str(repo.path)}
    settings = load_settings(environ={"HEPHAESTUS_TASKS_PER_ATTEMPT": "7"})
    limits = launch_order(settings, given, created_by="me", key=None).limits
    assert (limits.tasks_per_attempt, limits.tasks_per_workflow) == (7, 2000)


@pytest.mark.parametrize("name", ["HEAD", "commondir", "packed-refs"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "link to a device"])
def test_what_stands_in_the_place_of_gits_files_keeps_no_request(
    tmp_path: Path, name: str, kind: str
) -> None:
    repository = _repository(tmp_path / "repository", "ref: refs/heads/main\n", "main")
    place = tmp_path / "repository" / ".git" / name
    place.unlink(missing_ok=True)
    STRANGE[kind](place)
    with bounded(megabytes=5, seconds=2):
        assert default_base_branch(repository) == "main"
        check_repository(SETTINGS, repository)
        check_base_branch(SETTINGS, repository, "main")
        with pytest.raises(RepositoryError, match="has no branch 'other'"):
            check_base_branch(SETTINGS, repository, "other")


@pytest.mark.parametrize(("setting", "said"), [("true", True), ("yes", True), ("false", False)])
def test_a_repository_that_signs_commits_is_told_of_at_its_launch(
    setting: str, said: bool, tmp_path: Path
) -> None:
    repo = Repo.make(tmp_path / "r")
    repo.commit({"a": "1"})
    given = {"definition_id": "d", "main_repo_path": str(repo.path)}
    assert launch_order(SETTINGS, given, created_by="me", key=None).notice is None
    repo.git("config", "commit.gpgSign", setting)
    notice = launch_order(SETTINGS, given, created_by="me", key=None).notice
    assert (notice is not None) is said
    assert not said or "merges are not signed" in str(notice)
