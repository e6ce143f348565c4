"""Merges that are made apart from both repositories: these have them whole or not at all."""

import os
import time
from pathlib import Path

import pytest

from hephaestus_worker.git.objects import drafts, merge_tree
from hephaestus_worker.git.objects.drafts import Needed
from hephaestus_worker.git.objects.object_store import ObjectStore
from tests.integration.git.making import TARGET, Host, Repo, branch_of

_FOLDERS = "objects/tmp_objdir-*"


def _check(host: Host, user: Repo) -> None:
    """Check that both repositories are whole, and that nothing is left of the making."""
    for repository in (user, Repo(host.mirror.path)):
        repository.git("fsck", "--strict", "--full", "--no-dangling")
        _check_commits(repository)
    assert list(host.mirror.path.glob(_FOLDERS)) == []


def _check_target(host: Host, user: Repo) -> None:
    """Check the same, also of the mirror once it has fetched what was merged."""
    _check(host, user)
    assert host.mirror.resolve(TARGET) == user.tip(TARGET)
    _check(host, user)


def _check_commits(repository: Repo) -> None:
    """Check that each commit that is there, on a branch or not, is there with all that it needs."""
    listed = repository.git("cat-file", "--batch-check", "--batch-all-objects").splitlines()
    for commit in [line.split()[0] for line in listed if " commit " in line]:
        repository.git("rev-list", "--objects", "--quiet", commit)


def _two(host: Host) -> tuple[str, str]:
    one = host.work("one", {"src/one/a": "1", "src/app.py": "print('one')\n"})
    return one, host.work("two", {"src/two/a": "2", "README.md": "# Two\n"})


def test_what_only_the_mirror_has_comes_along(user: Repo, host: Host) -> None:
    one, two = _two(host)
    made_before = merge_tree.merge(ObjectStore(host.mirror.path), one, two)
    user.git("cat-file", "-e", made_before.tree, ok=(1,))

    host.merge(one, two)

    assert user.tip(f"{TARGET}^{{tree}}") == made_before.tree
    _check_target(host, user)


@pytest.mark.parametrize("packed", [False, True])
def test_what_only_the_origin_has_comes_along(user: Repo, host: Host, *, packed: bool) -> None:
    one, two = _two(host)
    made_before = user.git("merge-tree", "--write-tree", one, two)
    if packed:
        user.git("branch", "theirs", user.git("commit-tree", "-m", "Theirs", made_before))
        user.git("gc", "--quiet", "--prune=now")

    host.merge(one, two)

    assert user.tip(f"{TARGET}^{{tree}}") == made_before
    _check_target(host, user)


def test_a_conflict_is_settled_there_too(user: Repo, host: Host) -> None:
    one = host.work("one", {"src/app.py": "print('one')\n"}, at=2_000_000)
    two = host.work("two", {"src/app.py": "print('two')\n"}, at=2_000_001)

    _, second = host.merge(one, two)

    assert [conflict.kept for conflict in second.conflicts] == ["theirs"]
    assert user.show(TARGET, "src/app.py") == "print('two')"
    _check_target(host, user)


def test_only_what_is_on_branches_of_the_origin_is_built_upon(user: Repo, host: Host) -> None:
    tip = host.work("one", {"a": "1"})
    base = user.tip("main")
    for start, tips, apart in (
        (Needed(base, "main"), [Needed(tip, branch_of("one"))], True),
        (Needed(base, "main"), [Needed(tip, None)], False),
        (Needed(base, "main"), [Needed(base, branch_of("one"))], False),
        (Needed(base, None), [], False),
    ):
        with host.mirror.drafting(TARGET, start, tips) as draft:
            assert (draft.store.quarantine is not None) is apart, (start, tips)


def test_a_branch_that_the_user_has_dropped_is_merged_all_the_same(user: Repo, host: Host) -> None:
    one, two = _two(host)
    user.git("update-ref", "-d", f"refs/heads/{branch_of('two')}")
    user.git("gc", "--quiet", "--prune=now")

    assert [outcome.status for outcome in host.merge(one, two)] == ["merged", "merged"]

    assert user.show(TARGET, "src/two/a") == "2"
    _check_target(host, user)


def test_packed_branches_and_objects_are_built_upon(user: Repo, host: Host) -> None:
    one, two = _two(host)
    user.git("gc", "--quiet", "--prune=now")

    host.merge(one, two)

    assert {"src/one/a", "src/two/a"} <= set(user.files(TARGET))
    _check_target(host, user)


def test_a_target_that_is_open_in_the_folder_moves_with_its_files(user: Repo, host: Host) -> None:
    one, two = _two(host)
    host.merge(one)
    user.git("checkout", "--quiet", TARGET)

    host.merge(two)

    assert (user.path / "src/two/a").read_text() == "2"
    assert user.git("status", "--porcelain") == ""
    _check_target(host, user)


@pytest.mark.parametrize("links", range(7))
def test_a_stop_halfway_leaves_nothing_broken(
    links: int, user: Repo, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = _two(host)
    left = iter(range(links))
    link = os.link

    def stopping(source: Path, target: Path) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        link(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", stopping)
        with pytest.raises(KeyboardInterrupt):
            host.merge(one, two)
    _check_commits(user)
    assert TARGET not in user.branches()

    assert [outcome.status for outcome in host.merge(one, two)] == ["merged", "merged"]
    _check_target(host, user)


def test_what_a_killed_merge_has_left_is_deleted_after_a_day(host: Host) -> None:
    objects = host.mirror.path / "objects"
    old, new = objects / "tmp_objdir-hephaestus-old", objects / "tmp_objdir-hephaestus-new"
    for folder, age in ((old, 25 * 3600), (new, 23 * 3600)):
        (folder / "aa").mkdir(parents=True)
        os.utime(folder, (time.time() - age,) * 2)

    drafts.delete_left(host.mirror.path)

    assert (old.exists(), new.exists()) == (False, True)
