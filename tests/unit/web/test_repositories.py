from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.settings.config import load_settings
from hephaestus_web.launching.orders import launch_order
from hephaestus_web.launching.repositories import check_repository, default_base_branch

SETTINGS = load_settings(environ={})


def _repository(folder: Path, head: str) -> str:
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text(head)
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
    repository = _repository(tmp_path, head)
    with pytest.raises(RepositoryError, match="as base_branch") as refused:
        default_base_branch(repository)
    assert refused.value.field == "base_branch"
    given = {"definition_id": "d", "main_repo_path": repository, "base_branch": "mine"}
    assert launch_order(SETTINGS, given, created_by="me", key=None).base_branch == "mine"


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
