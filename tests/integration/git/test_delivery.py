"""Finished work comes to the user's branch; the user's folder is never touched while in use."""

from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.merging.delivery import Delivery, deliver
from hephaestus_worker.git.merging.merges import Policy
from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import TARGET, Host, Repo


def _deliver(host: Host, policy: Policy = "newest_file_wins") -> Delivery:
    return deliver(host.mirror, TARGET, "main", message="Deliver the work", policy=policy)


@pytest.fixture
def done(host: Host) -> Host:
    """A host whose agents have changed, added and deleted a file, merged and waiting."""
    host.merge(host.work("one", {"README.md": "# New\n", "added": "1\n", "src/app.py": None}))
    return host


def test_a_clean_checkout_is_moved_forward(user: Repo, done: Host) -> None:
    before = user.tip("main")
    delivery = _deliver(done)
    assert delivery.status == "delivered"
    assert user.tip("main") == delivery.commit
    parents = user.git("rev-list", "--parents", "-1", "main").split()[1:]
    assert parents == [before, user.tip(TARGET)]
    assert user.git("log", "-1", "--format=%s") == "Deliver the work"
    assert user.git("status", "--porcelain") == ""
    assert (user.path / "added").read_text() == "1\n"
    assert not (user.path / "src").exists()


def test_delivering_again_changes_nothing(user: Repo, done: Host) -> None:
    first = _deliver(done)
    second = _deliver(done)
    assert (second.status, second.commit) == ("already", first.commit)
    assert user.tip("main") == first.commit


def test_untracked_files_that_are_not_in_the_way_do_not_matter(user: Repo, done: Host) -> None:
    user.write({"notes.txt": "mine"})
    assert _deliver(done).status == "delivered"
    assert (user.path / "notes.txt").read_text() == "mine"


def _state(user: Repo) -> tuple[str, str, dict[str, bytes]]:
    files = {
        str(file.relative_to(user.path)): file.read_bytes()
        for file in user.path.rglob("*")
        if file.is_file() and ".git" not in file.parts
    }
    return user.tip("main"), user.git("status", "--porcelain", "--ignored"), files


HOW = ["changed", "changed elsewhere", "staged", "untracked", "ignored", "merging"]


def _leave_unsaved(user: Repo, how: str) -> None:
    if how == "ignored":
        user.commit({".gitignore": "added\n"})
    if how == "changed elsewhere":
        user.commit({"own": "1\n"})
    name = {"untracked": "added", "ignored": "added", "changed elsewhere": "own"}.get(how)
    user.write({name or "README.md": "mine\n"})
    if how == "staged":
        user.git("add", "--all")
    if how == "merging":
        user.git("checkout", "--quiet", "README.md")
        (user.path / ".git" / "MERGE_HEAD").write_text(f"{user.tip()}\n")


@pytest.mark.parametrize("how", HOW)
def test_a_folder_with_unsaved_work_is_left_alone(how: str, user: Repo, done: Host) -> None:
    _leave_unsaved(user, how)
    before = _state(user)
    delivery = _deliver(done)
    assert delivery.status == "held"
    assert delivery.commit is None
    assert str(user.path) in delivery.reason
    assert _state(user) == before
    assert user.git("stash", "list") == ""


@pytest.mark.parametrize("how", HOW)
def test_what_is_held_again_and_again_leaves_nothing_in_the_users_repository(
    how: str, user: Repo, done: Host
) -> None:
    _leave_unsaved(user, how)
    before = _objects(user)
    for _ in range(3):
        assert _deliver(done).status == "held"
    assert _objects(user) == before


def _objects(user: Repo) -> set[str]:
    return set(user.git("cat-file", "--batch-all-objects", "--batch-check").splitlines())


def test_a_big_checkout_is_not_cut_off_by_the_time_for_the_network(
    user: Repo, done: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.git("config", "filter.slow.smudge", "sleep 1.5; cat")
    (user.path / ".git" / "info" / "attributes").write_text("added filter=slow\n")
    monkeypatch.setattr(git, "NETWORK", 1.0)
    assert _deliver(done).status == "delivered"
    assert (user.path / "added").read_text() == "1\n"


def test_what_was_held_is_delivered_when_the_folder_is_clean(user: Repo, done: Host) -> None:
    user.write({"README.md": "mine\n"})
    assert _deliver(done).status == "held"
    user.git("checkout", "--quiet", "README.md")
    assert _deliver(done).status == "delivered"


def test_a_folder_that_shows_another_branch_is_not_touched(user: Repo, done: Host) -> None:
    user.git("checkout", "--quiet", "-b", "own")
    user.write({"README.md": "being edited"})
    before = user.git("status", "--porcelain")
    assert _deliver(done).status == "delivered"
    assert user.git("status", "--porcelain") == before
    assert user.show("main", "added") == "1"


def test_a_branch_open_in_a_second_worktree_of_the_user(
    user: Repo, done: Host, tmp_path: Path
) -> None:
    user.git("checkout", "--quiet", "-b", "own")
    user.git("worktree", "add", "--quiet", str(tmp_path / "second"), "main")
    second = Repo(tmp_path / "second")
    second.write({"README.md": "mine"})
    held = _deliver(done)
    assert held.status == "held"
    assert str(second.path) in held.reason
    second.git("checkout", "--quiet", "README.md")
    assert _deliver(done).status == "delivered"
    assert (second.path / "added").exists()


def test_a_branch_that_the_user_rebases(user: Repo, done: Host) -> None:
    user.commit({"f": "1\n"})
    user.git("checkout", "--quiet", "-b", "upstream", "HEAD~1")
    user.commit({"f": "2\n"})
    user.git("checkout", "--quiet", "main")
    user.git("rebase", "upstream", ok=(1,))
    delivery = _deliver(done)
    assert delivery.status == "held"
    assert "is being rebased" in delivery.reason
    user.git("rebase", "--abort")
    assert _deliver(done).status == "delivered"


def test_the_users_own_commits_are_merged_with(user: Repo, done: Host) -> None:
    user.commit({"users": "own\n"})
    assert _deliver(done).status == "delivered"
    assert {"users", "added"} <= set(user.files("main"))


def test_conflicts_under_each_policy(user: Repo, done: Host) -> None:
    user.commit({"README.md": "# Mine\n"}, at=1_500_000)
    before = user.tip()
    conflict = _deliver(done, "manual")
    assert conflict.status == "conflict"
    assert "both changed README.md" in conflict.reason
    assert user.tip("main") == before
    delivery = _deliver(done)
    assert delivery.status == "delivered"
    assert [each.kept for each in delivery.conflicts] == ["theirs"]
    assert (user.path / "README.md").read_text() == "# New\n"


def test_hooks_of_the_user_do_not_run_in_the_folder(user: Repo, done: Host, tmp_path: Path) -> None:
    for name in ("post-merge", "post-checkout", "pre-merge-commit", "post-commit"):
        hook = user.path / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        hook.chmod(0o755)
    assert _deliver(done).status == "delivered"
    assert not (tmp_path / "ran").exists()


def test_a_bare_origin(user: Repo, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    user.git("clone", "--quiet", "--bare", ".", str(bare))
    host = Host(Mirror.open(str(bare), tmp_path / "mirrors"), tmp_path / "worktrees")
    host.merge(host.work("one", {"added": "1\n"}))
    assert _deliver(host).status == "delivered"
    assert Repo(bare).show("main", "added") == "1"


def test_a_url_whose_repository_has_the_branch_open_or_protected(
    user: Repo, tmp_path: Path
) -> None:
    host = Host(Mirror.open(f"file://{user.path}", tmp_path / "mirrors"), tmp_path / "worktrees")
    host.merge(host.work("one", {"added": "1\n"}))
    before = user.tip("main")
    delivery = _deliver(host)
    assert delivery.status == "held"
    assert "branch is currently checked out" in delivery.reason
    assert user.tip("main") == before
    user.git("checkout", "--quiet", "--detach")
    assert _deliver(host).status == "delivered"


def test_missing_branches_are_told(host: Host, done: Host) -> None:
    with pytest.raises(RepositoryError, match="has no branch 'nowhere'"):
        deliver(host.mirror, TARGET, "nowhere", message="m", policy="manual")


def test_a_workflow_without_any_work_has_nothing_to_bring(user: Repo, host: Host) -> None:
    before = user.tip("main")
    done = deliver(host.mirror, "hephaestus/nothing", "main", message="m", policy="manual")
    assert (done.status, done.commit) == ("already", None)
    assert user.tip("main") == before
