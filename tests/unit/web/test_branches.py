from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import Login
from hephaestus_core.settings.config import load_settings
from hephaestus_web.launching.branches import branches_of
from tests.git_server import git_server
from tests.integration.git.making import Repo

SETTINGS = load_settings(environ={})


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.make(tmp_path / "shop")
    repo.commit({"a": "1"}, at=1_700_000_000)
    repo.git("branch", "hephaestus/bug-fix-1")
    repo.git("checkout", "--quiet", "-b", "release/1")
    repo.commit({"a": "2"}, at=1_700_000_100)
    repo.git("checkout", "--quiet", "main")
    return repo


def test_the_branch_checked_out_comes_first_and_ours_are_left_out(repo: Repo) -> None:
    found = branches_of(SETTINGS, str(repo.path), None)
    assert [each.name for each in found.found] == ["main", "release/1"]
    main = found.named("")
    assert (main.name, main.commit, main.subject) == ("main", repo.tip("main"), "work")
    assert main.at is not None
    assert main.at.timestamp() == 1_700_000_000
    with pytest.raises(RepositoryError, match=r"no branch 'relase/1'; did you mean 'release/1'"):
        found.named("relase/1")


def test_branches_are_offered_where_none_is_checked_out(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "--detach")
    found = branches_of(SETTINGS, str(repo.path), None)
    assert [each.name for each in found.found] == ["main", "release/1"]
    with pytest.raises(RepositoryError, match="choose one"):
        found.named("")


def test_what_cannot_be_looked_at_is_said_in_words(tmp_path: Path, repo: Repo) -> None:
    empty = Repo.make(tmp_path / "empty")
    with pytest.raises(RepositoryError, match="no branch with a commit"):
        branches_of(SETTINGS, str(empty.path), None)
    with pytest.raises(RepositoryError, match="is no git repository"):
        branches_of(SETTINGS, str(tmp_path), None)
    with pytest.raises(RepositoryError, match="cannot be listed from here: .*Failed to connect"):
        branches_of(SETTINGS, "http://127.0.0.1:1/r.git", None)
    elsewhere = load_settings(environ={"HEPHAESTUS_MCP_HOST": "0.0.0.0"})
    with pytest.raises(RepositoryError, match="does not see"):
        branches_of(elsewhere, str(repo.path), None)
    with pytest.raises(RepositoryError, match="cannot be listed"):
        branches_of(elsewhere, f"file://{repo.path}", None)


def test_the_branches_behind_a_url_take_its_login(tmp_path: Path, repo: Repo) -> None:
    with git_server(tmp_path / "served") as server:
        server.add("shop.git", repo.path, "me:hunter2 %'")
        url = server.url("shop.git")
        found = branches_of(SETTINGS, url, Login("me", "hunter2 %'"))
        assert [each.name for each in found.found] == ["main", "release/1"]
        assert found.named("release/1").commit == repo.tip("release/1")
        for login in (None, Login("me", "wrong")):
            with pytest.raises(RepositoryError, match="asks for a login") as refused:
                branches_of(SETTINGS, url, login)
            assert "wrong" not in refused.value.message
