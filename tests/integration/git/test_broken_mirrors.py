"""A mirror that was deleted or damaged is made again at its place, and keeps what it still has."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.git.worktrees.restoring import restore
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


@pytest.fixture
def two(user: Repo, tmp_path: Path, request: pytest.FixtureRequest) -> Host:
    """A host whose origin has this form."""
    mirror = Mirror.open(request.param.format(user.path), tmp_path / "mirrors")
    return Host(mirror, tmp_path / "worktrees")


FORMS = pytest.mark.parametrize("two", ["{}", "file://{}"], indirect=True)


def _make_again(host: Host) -> list[str]:
    told: list[str] = []
    path = host.mirror.path
    _delete(path)
    host.mirror.ensure(lambda new: told.extend(restore(new, path, host.worktrees)))
    return told


@FORMS
def test_attempts_go_on_from_what_the_origin_has_when_their_mirror_is_deleted(
    two: Host, user: Repo
) -> None:
    pushed, unpushed = two.worktree("pushed"), two.worktree("unpushed")
    two.push(worktrees.save(pushed.write({"a": "1\n"}).path, message="save").tip, "pushed")
    worktrees.save(unpushed.write({"b": "2\n"}).path, message="save")

    assert _make_again(two) == []

    assert two.branch_tip("pushed") == user.tip("hephaestus/task/pushed")
    assert two.branch_tip("unpushed") == user.tip("main")
    for agent, name in ((pushed.write({"c": "3\n"}), "pushed"), (unpushed, "unpushed")):
        two.push(worktrees.save(agent.path, message="save").tip, name)
    assert {"a", "c"} <= set(user.files("hephaestus/task/pushed"))
    assert user.show("hephaestus/task/unpushed", "b") == "2"


@FORMS
def test_commits_that_need_what_only_the_deleted_one_had_are_named(two: Host, user: Repo) -> None:
    agent = two.worktree()
    worktrees.save(agent.write({"a": "in the mirror alone\n"}).path, message="save")
    agent.commit({})  # git does not write again what it can borrow

    _make_again(two)
    saved = worktrees.save(agent.path, message="save")

    assert "The commits of 'hephaestus/task/one' cannot be read" in str(saved.unread)
    two.push(saved.tip)
    assert user.show(saved.tip, "a") == "in the mirror alone"


def test_a_start_that_only_the_deleted_one_had_is_named(user: Repo, host: Host) -> None:
    gone = user.commit({"b": "2\n"})
    host.worktree(commit=host.mirror.resolve("main"))
    user.git("reset", "--quiet", "--hard", "HEAD~1")
    user.git("reflog", "expire", "--expire=now", "--all")
    user.git("gc", "--quiet", "--prune=now")

    [told] = _make_again(host)

    assert gone[:12] in told
    assert "no branch of the origin holds it any more" in told
