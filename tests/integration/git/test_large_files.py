"""Files in Git LFS: agents get their contents, and what agents add reaches the origin."""

import hashlib
import shutil
from pathlib import Path

import pytest

from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import Host, Repo

pytestmark = pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not installed")

ATTRIBUTES = "*.bin filter=lfs diff=lfs merge=lfs -text\n"


@pytest.fixture(autouse=True)
def _git_lfs_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(
        '[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n'
        "\tprocess = git-lfs filter-process\n\trequired = true\n"
    )


@pytest.fixture
def user(user: Repo) -> Repo:
    user.commit({".gitattributes": ATTRIBUTES, "big.bin": "large\n"})
    return user


@pytest.fixture
def server(user: Repo, tmp_path: Path) -> Repo:
    """A bare repository behind a URL, with the user's work and its large files."""
    bare = Repo.make(tmp_path / "server.git", bare=True)
    user.git("push", "--quiet", f"file://{bare.path}", "main")
    user.git("lfs", "push", f"file://{bare.path}", "main")
    assert _stored(bare.path, "large\n").exists()
    return bare


def _host(origin: object, tmp_path: Path) -> Host:
    return Host(Mirror.open(str(origin), tmp_path / "mirrors"), tmp_path / "worktrees")


def _stored(git_dir: Path, content: str) -> Path:
    digest = hashlib.sha256(content.encode()).hexdigest()
    return git_dir / "lfs" / "objects" / digest[:2] / digest[2:4] / digest


def _is_pointer(content: str) -> bool:
    return content.startswith("version https://git-lfs.github.com/spec/v1\n")


def test_a_local_repository_and_its_agents_share_one_store(user: Repo, tmp_path: Path) -> None:
    host = _host(user.path, tmp_path)
    assert (host.worktree().path / "big.bin").read_text() == "large\n"
    host.merge(host.work("two", {"added.bin": "added\n"}))
    assert _is_pointer(user.show("hephaestus/flow", "added.bin") + "\n")
    user.git("checkout", "--quiet", "hephaestus/flow")
    assert (user.path / "added.bin").read_text() == "added\n"


def test_a_store_that_the_user_has_elsewhere_is_found(user: Repo, tmp_path: Path) -> None:
    user.git("config", "lfs.storage", str(tmp_path / "store"))
    (user.path / ".git" / "lfs").rename(tmp_path / "store")
    assert (_host(user.path, tmp_path).worktree().path / "big.bin").read_text() == "large\n"


def test_contents_come_from_a_url_and_go_there(server: Repo, tmp_path: Path) -> None:
    host = _host(f"file://{server.path}", tmp_path)
    assert (host.worktree().path / "big.bin").read_text() == "large\n"
    host.work("two", {"added.bin": "added\n"})
    assert _stored(server.path, "added\n").read_text() == "added\n"


def test_a_content_that_cannot_be_had_is_left_as_its_pointer(
    user: Repo, server: Repo, tmp_path: Path
) -> None:
    for git_dir, origin in (
        (user.path / ".git", user.path),
        (server.path, f"file://{server.path}"),
    ):
        _stored(git_dir, "large\n").unlink()
        host = _host(origin, tmp_path / git_dir.name)
        assert _is_pointer((host.worktree().path / "big.bin").read_text())
        assert _is_pointer(Repo(host.mirror.path).show(host.work("two", {"a": "1"}), "big.bin"))


def test_no_agent_pushes_by_mistake(server: Repo, tmp_path: Path) -> None:
    agent = _host(f"file://{server.path}", tmp_path).worktree()
    agent.git("push", "origin", "HEAD:main", ok=(128,))
