"""Branches of attempts go once they are merged, and only then."""

from pathlib import Path

import pytest

from hephaestus_worker.git.merging.branches import drop_merged
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.origins.origin import RefLocked
from tests.integration.git.making import TARGET, Host, Repo, branch_of


@pytest.fixture(params=["folder", "folder with a hook", "URL"])
def host(request: pytest.FixtureRequest, user: Repo, tmp_path: Path) -> Host:
    if request.param == "folder with a hook":
        hook = user.path / ".git" / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 0\n")
        hook.chmod(0o755)
    origin = f"file://{user.path}" if request.param == "URL" else str(user.path)
    return Host(Mirror.open(origin, tmp_path / "mirrors"), tmp_path / "worktrees")


def test_what_the_target_holds_goes_and_all_other_branches_stay(user: Repo, host: Host) -> None:
    merged = [host.work(name, {name: "1"}) for name in ("a", "b")]
    unmerged = host.work("c", {"c": "1"})
    host.merge(*merged)
    names = [branch_of(name) for name in ("a", "b", "c", "missing")]

    deleted, left = drop_merged(host.mirror, names, TARGET)
    assert (sorted(deleted), left) == (names[:2], [])

    assert user.branches() == [TARGET, names[2], "main"]
    assert user.tip(names[2]) == unmerged
    assert drop_merged(host.mirror, names, TARGET) == ([], [])


def test_a_branch_that_somebody_has_open_stays(user: Repo, tmp_path: Path) -> None:
    host = Host(Mirror.open(str(user.path), tmp_path / "mirrors"), tmp_path / "worktrees")
    host.merge(host.work("a", {"a": "1"}), host.work("b", {"b": "1"}))
    user.git("checkout", "--quiet", branch_of("a"))
    dropped = drop_merged(host.mirror, [branch_of("a"), branch_of("b")], TARGET)
    assert dropped == ([branch_of("b")], [branch_of("a")])
    assert user.git("status", "--porcelain") == ""


def test_a_lock_that_a_killed_git_left_is_named(user: Repo, tmp_path: Path) -> None:
    host = Host(Mirror.open(str(user.path), tmp_path / "mirrors"), tmp_path / "worktrees")
    host.merge(host.work("a", {"a": "1"}))
    user.git("pack-refs", "--all")
    lock = user.path / ".git" / "packed-refs.lock"
    lock.touch()
    with pytest.raises(RefLocked, match="packed-refs.lock"):
        drop_merged(host.mirror, [branch_of("a")], TARGET)
    lock.unlink()
    assert drop_merged(host.mirror, [branch_of("a")], TARGET) == ([branch_of("a")], [])


def test_a_branch_that_moved_meanwhile_stays(user: Repo, host: Host) -> None:
    tip = host.work("a", {"a": "1"})
    host.merge(tip)
    user.git("branch", "--force", branch_of("a"), "main")
    assert host.mirror.source.drop(host.mirror.path, {branch_of("a"): tip}) == []
    assert branch_of("a") in user.branches()
