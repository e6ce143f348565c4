"""A mirror that was deleted or damaged is made again at its place, and keeps what it still has."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from tests.integration.git.making import Host, Repo


def _delete(mirror: Path) -> None:
    shutil.rmtree(mirror)


def _empty(mirror: Path) -> None:
    for each in mirror.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()


def _lose_objects(mirror: Path) -> None:
    for folder in (mirror / "objects").iterdir():
        shutil.rmtree(folder)


def _scribble(mirror: Path) -> None:
    (mirror / "HEAD").write_bytes(b"\xff\0 rubbish")


def _lose_head(mirror: Path) -> None:
    (mirror / "HEAD").unlink()


def _lose_refs(mirror: Path) -> None:
    shutil.rmtree(mirror / "refs")


@pytest.mark.parametrize(
    "damage", [_delete, _empty, _lose_objects, _scribble, _lose_head, _lose_refs]
)
def test_it_is_made_again_at_the_same_path(
    damage: Callable[[Path], None], user: Repo, host: Host
) -> None:
    path = host.mirror.path
    damage(path)
    assert host.mirror.ensure()
    assert not host.mirror.ensure(), "it is whole"
    tip = host.work("one", {"new": "1\n"})
    assert host.merge(tip)[0].status == "merged"
    assert user.show("hephaestus/flow", "new") == "1"
    assert host.in_mirror("config", "gc.auto") == "0"
    assert {each.name for each in path.parent.iterdir()} == {
        path.name,
        path.with_suffix(".lock").name,
    }


@pytest.mark.parametrize("damage", [_scribble, _lose_head])
def test_unfinished_work_that_a_damaged_one_holds_is_kept(
    damage: Callable[[Path], None], user: Repo, host: Host
) -> None:
    agent = host.worktree()
    agent.write({"made": "by hand\n"})
    saved = worktrees.save(agent.path, message="save").tip
    host.in_mirror("update-ref", "refs/hephaestus/replaced/x", saved)
    host.in_mirror("pack-refs", "--all")
    damage(host.mirror.path)

    host.mirror.ensure()

    assert host.branch_tip() == saved
    assert host.in_mirror("rev-parse", "refs/hephaestus/replaced/x") == saved
    agent.write({"more": "later\n"})
    tip = worktrees.save(agent.path, message="save").tip
    host.push(tip)
    assert user.show(tip, "made") == "by hand"
    assert user.show(tip, "more") == "later"
    assert host.in_mirror("fsck", "--no-dangling") == ""


def test_remains_of_a_making_that_was_cut_off_are_kept(user: Repo, host: Host) -> None:
    """The worker was killed when the damaged one was moved aside and the new one not in place."""
    agent = host.worktree()
    agent.write({"made": "by hand\n"})
    saved = worktrees.save(agent.path, message="save").tip
    path = host.mirror.path
    path.rename(path.with_suffix(".0badf00d.damaged"))

    assert Mirror.open(str(user.path), path.parent).path == path

    assert host.branch_tip() == saved
    assert not list(path.parent.glob("*.damaged"))
