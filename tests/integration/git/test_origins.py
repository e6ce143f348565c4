"""Every kind of origin, and every way in which one can be wrong."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import Repo
from tests.waiting import wait_until


@pytest.fixture
def daemon(user: Repo, tmp_path: Path) -> Iterator[str]:
    """Serve the user's repository by git's own daemon; yields its URL."""
    bare = Repo.make(tmp_path / "served" / "project.git", bare=True)
    user.git("push", "--quiet", str(bare.path), "main")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = str(bare.path.parent)
    process = subprocess.Popen(
        [
            *("git", "daemon", "--export-all", "--enable=receive-pack", f"--base-path={served}"),
            *("--listen=127.0.0.1", f"--port={port}", "--reuseaddr", served),
        ],
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: _listens(port), what="git daemon listens")
    yield f"git://127.0.0.1:{port}/project.git"
    process.terminate()
    process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _open(origin: object, tmp_path: Path) -> Mirror:
    return Mirror.open(str(origin), tmp_path / "mirrors")


def test_a_checkout_a_bare_repository_and_a_linked_worktree(user: Repo, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    user.git("clone", "--quiet", "--bare", ".", str(bare))
    user.git("worktree", "add", "--quiet", "../linked")
    tip = user.tip("main")
    for origin in (user.path, bare, user.path / ".git", tmp_path / "linked"):
        assert _open(origin, tmp_path).resolve("main") == tip
    assert _open(user.path, tmp_path).path == _open(tmp_path / "linked", tmp_path).path


def test_a_file_url_goes_through_gits_transports(user: Repo, tmp_path: Path) -> None:
    mirror = _open(f"file://{user.path}", tmp_path)
    assert mirror.resolve("main") == user.tip()
    newer = user.commit({"new": "1"})
    assert mirror.resolve("main") == newer
    assert mirror.has_commit(newer)
    assert mirror.push(newer, "hephaestus/x", expected=None)
    assert user.tip("hephaestus/x") == newer


def test_a_daemon_gives_and_takes(daemon: str, user: Repo, tmp_path: Path) -> None:
    mirror = _open(daemon, tmp_path)
    base = mirror.resolve("main")
    assert base == user.tip()
    assert mirror.push(base, "hephaestus/x", expected=None)
    assert mirror.tip("hephaestus/x") == base
    with pytest.raises(RepositoryError, match="has no branch 'nope'"):
        mirror.resolve("nope")


def test_a_format_that_only_a_newer_git_knows_is_told_with_the_remedy(
    user: Repo, tmp_path: Path
) -> None:
    user.git("config", "core.repositoryFormatVersion", "1")
    user.git("config", "extensions.refStorage", "of-tomorrow")
    with pytest.raises(RepositoryError, match=r"unknown .* To go on, install a newer git") as told:
        _open(user.path, tmp_path)
    assert told.value.details["fault"] == "repository", "another host may have a newer one"


def test_an_empty_repository(tmp_path: Path) -> None:
    empty = Repo.make(tmp_path / "empty")
    for origin in (empty.path, f"file://{empty.path}"):
        with pytest.raises(RepositoryError, match=r"has no commit yet. Make a first commit"):
            _open(origin, tmp_path)
    empty.commit({"a": "1"})
    assert _open(empty.path, tmp_path).resolve("main") == empty.tip()


def test_a_folder_that_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(RepositoryError, match=r"is no git repository.*git init") as refused:
        _open(tmp_path / "plain", tmp_path)
    assert refused.value.field == "main_repo_path"


def test_a_folder_within_a_repository_is_not_taken_for_it(user: Repo, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match=f"lies inside the repository {user.path}"):
        _open(user.path / "src", tmp_path)


def test_a_missing_path(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="does not exist"):
        _open(tmp_path / "missing", tmp_path)


@pytest.mark.parametrize("url", ["git://127.0.0.1:1/x", "https://127.0.0.1:1/x.git"])
def test_a_server_that_cannot_be_reached(url: str, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="check the address") as refused:
        _open(url, tmp_path)
    assert refused.value.details == {"transient": True, "fault": "repository"}


def test_a_url_behind_which_there_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="check the address"):
        _open(f"file://{tmp_path}/nothing", tmp_path)


def test_a_wrong_branch_is_answered_with_the_near_and_the_existing_ones(
    user: Repo, tmp_path: Path
) -> None:
    user.git("branch", "develop")
    for origin in (user.path, f"file://{user.path}"):
        with pytest.raises(RepositoryError) as refused:
            _open(origin, tmp_path).resolve("mian")
        assert "has no branch 'mian'. Did you mean 'main'?" in refused.value.message
        assert "develop, main" in refused.value.message
        assert refused.value.field == "base_branch"


def test_a_tag_or_commit_is_no_branch(user: Repo, tmp_path: Path) -> None:
    user.git("tag", "v1")
    for name in ("v1", user.tip()):
        with pytest.raises(RepositoryError, match="has no branch"):
            _open(user.path, tmp_path).resolve(name)


def test_an_option_as_branch_runs_nothing(user: Repo, tmp_path: Path) -> None:
    mirror = _open(user.path, tmp_path)
    for name in ("--upload-pack=touch pwned", "-h", "../../config"):
        with pytest.raises(RepositoryError, match="cannot be the name"):
            mirror.resolve(name)


def test_packed_refs_and_packed_objects(user: Repo, tmp_path: Path) -> None:
    mirror = _open(user.path, tmp_path)
    newer = user.commit({"x": "y"})
    user.git("gc", "--quiet", "--prune=now")
    assert mirror.resolve("main") == newer
    assert Repo(mirror.path).show(newer, "x") == "y"
