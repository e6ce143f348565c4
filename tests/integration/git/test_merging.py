"""Merges into the integration branch: chains, idempotence, policies, and who was first."""

from dataclasses import replace
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git.merging import merges
from hephaestus_worker.git.merging.merges import MergeRequest
from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import TARGET, Host, Repo


@pytest.fixture(params=[True, False], ids=["branches told", "branches unknown"])
def host(host: Host, request: pytest.FixtureRequest) -> Host:
    """A host that merges where the origin's objects are, and one that merges in its mirror."""
    return replace(host, tells_branches=request.param)


def _parents(repo: Repo, commit: str) -> list[str]:
    return repo.git("rev-list", "--parents", "-1", commit).split()[1:]


def test_a_chain_of_merges_makes_the_target(user: Repo, host: Host) -> None:
    base = user.tip()
    tips = [host.work(name, {f"{name}.txt": name}) for name in ("a", "b", "c")]
    outcomes = host.merge(*tips)
    assert [outcome.status for outcome in outcomes] == ["merged"] * 3
    befores = [base, outcomes[0].commit, outcomes[1].commit]
    assert [outcome.target_before for outcome in outcomes] == befores
    for outcome, before, tip in zip(outcomes, befores, tips, strict=True):
        assert outcome.commit
        assert _parents(user, outcome.commit) == [before, tip]
        assert user.git("log", "-1", "--format=%s", outcome.commit) == f"Merge {tip[:12]}"
    assert user.tip(TARGET) == outcomes[-1].commit
    assert {"a.txt", "b.txt", "c.txt"} <= set(user.files(TARGET))
    user.git("fsck", "--strict", "--full")


def test_merging_again_changes_nothing_and_tells_the_merge(user: Repo, host: Host) -> None:
    one, two = host.work("one", {"a": "1"}), host.work("two", {"b": "1"})
    first, second = host.merge(one, two)
    again = host.merge(one, two, one)
    assert [outcome.status for outcome in again] == ["already_merged"] * 3
    assert [outcome.commit for outcome in again] == [first.commit, second.commit, first.commit]
    assert user.tip(TARGET) == second.commit


def test_an_inner_commit_of_merged_work_is_already_merged(user: Repo, host: Host) -> None:
    agent = host.worktree()
    inner = agent.commit({"a": "1"})
    tip = agent.commit({"a": "2"})
    host.push(tip)
    (merged,) = host.merge(tip)
    (outcome,) = host.merge(inner)
    assert (outcome.status, outcome.commit) == ("already_merged", merged.commit)


def test_a_tip_without_work_makes_no_merge_and_no_branch(user: Repo, host: Host) -> None:
    (outcome,) = host.merge(user.tip())
    assert outcome.status == "nothing"
    assert outcome.commit is None
    assert TARGET not in user.branches()
    agent = host.worktree()
    (outcome,) = host.merge(agent.commit({}))
    assert outcome.status == "nothing"


def test_the_same_change_twice_is_still_recorded_as_a_merge(user: Repo, host: Host) -> None:
    one = host.work("one", {"f": "same\n"}, at=2_000_000)
    two = host.work("two", {"f": "same\n"}, at=2_000_001)
    first, second = host.merge(one, two)
    assert second.status == "merged"
    assert not second.conflicts
    assert second.commit
    assert user.files(second.commit) == user.files(str(first.commit))
    assert user.git("merge-base", "--is-ancestor", two, TARGET) == ""


def test_a_new_target_starts_at_the_base_and_not_at_head(user: Repo, host: Host) -> None:
    base = user.tip("main")
    user.git("checkout", "--quiet", "-b", "users-own-feature")
    user.commit({"unrelated": "1"})
    host.merge(host.work("one", {"a": "1"}))
    assert _parents(user, TARGET)[0] == base
    assert "unrelated" not in user.files(TARGET)


def test_a_commit_may_be_the_base(user: Repo, host: Host) -> None:
    base = user.tip()
    user.commit({"later": "1"})
    tip = host.work("one", {"a": "1"})
    merges.merge_all(
        *(host.mirror, TARGET, [MergeRequest(tip, "m")]),
        base_for_new_target=base,
        policy="newest_file_wins",
    )
    assert _parents(user, TARGET)[0] == base


def test_a_tip_of_another_host_is_fetched(user: Repo, host: Host, tmp_path: Path) -> None:
    other = Host(Mirror.open(str(user.path), tmp_path / "m2"), tmp_path / "w2")
    assert host.merge(other.work("one", {"a": "1"}))[0].status == "merged"


def test_a_tip_that_nobody_has_is_told(host: Host) -> None:
    with pytest.raises(RepositoryError, match=r"does not hold commit 0000.*push that work first"):
        host.merge("0" * 40)


@pytest.mark.parametrize("policy", ["agent", "manual"])
def test_other_policies_leave_conflicts_out_and_merge_the_rest(
    policy: merges.Policy, user: Repo, host: Host
) -> None:
    tips = [
        host.work("one", {"f": "one\n"}),
        host.work("two", {"f": "two\n"}),
        host.work("three", {"g": "three\n"}),
    ]
    one, two, three = host.merge(*tips, policy=policy)
    assert [one.status, two.status, three.status] == ["merged", "conflict", "merged"]
    assert two.commit is None
    (conflict,) = two.conflicts
    assert (conflict.path, conflict.kind, conflict.kept) == ("f", "add_add", "both")
    assert (conflict.ours_commit, conflict.theirs_commit) == (tips[0], tips[1])
    assert user.show(TARGET, "f") == "one"
    assert user.show(TARGET, "g") == "three"
    assert three.target_before == one.commit


def test_both_sides_of_a_conflict_are_kept_in_the_mirror(user: Repo, host: Host) -> None:
    first = host.work("one", {"f": "one\n"})
    (before,) = host.merge(first)
    second = host.work("two", {"f": "two\n"})
    host.merge(second)
    kept = host.in_mirror(
        "for-each-ref", "--format=%(refname) %(objectname)", "refs/hephaestus/conflicts"
    ).splitlines()
    folder = f"refs/hephaestus/conflicts/{second[:12]}-{str(before.commit)[:12]}"
    assert kept == [f"{folder}/target {before.commit}", f"{folder}/tip {second}"]


def test_through_a_url(user: Repo, tmp_path: Path) -> None:
    mirror = Mirror.open(f"file://{user.path}", tmp_path / "mirrors")
    host = Host(mirror, tmp_path / "worktrees")
    tips = [host.work("one", {"f": "one\n"}), host.work("two", {"f": "two\n"})]
    assert [outcome.status for outcome in host.merge(*tips)] == ["merged", "merged"]
    assert user.show(TARGET, "f") == "two"


def _start(host: Host, parent: str | None, policy: merges.Policy = "newest_file_wins") -> str:
    return merges.start_commit(
        host.mirror, parent=parent, target_branch=TARGET, base_branch="main", policy=policy
    )


def test_a_first_task_starts_at_the_base_then_at_the_target(user: Repo, host: Host) -> None:
    assert _start(host, None) == user.tip("main")
    host.merge(host.work("one", {"a": "1"}))
    assert _start(host, None) == user.tip(TARGET)


def test_a_child_sees_its_creators_work_and_what_was_merged(user: Repo, host: Host) -> None:
    parent = host.work("parent", {"p": "1"})
    assert _start(host, parent) == parent
    host.merge(host.work("other", {"o": "1"}))
    start = _start(host, parent)
    assert {"p", "o"} <= set(Repo(host.mirror.path).files(start))
    assert _parents(Repo(host.mirror.path), start) == [parent, user.tip(TARGET)]
    host.merge(parent)
    assert _start(host, parent) == user.tip(TARGET)


def test_a_child_of_a_conflicting_creator(user: Repo, host: Host) -> None:
    parent = host.work("parent", {"f": "parent\n"}, at=2_000_000)
    host.merge(host.work("other", {"f": "other\n"}, at=3_000_000))
    assert Repo(host.mirror.path).show(_start(host, parent), "f") == "other"
    assert _start(host, parent, "agent") == parent


def test_a_creators_work_on_another_host_is_fetched(user: Repo, host: Host, tmp_path: Path) -> None:
    other = Host(Mirror.open(str(user.path), tmp_path / "m2"), tmp_path / "w2")
    parent = other.work("parent", {"p": "1"})
    assert _start(host, parent) == parent
    assert host.mirror.has_commit(parent)


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_an_older_commit_of_the_creators_is_found_too(
    scheme: str, user: Repo, host: Host, tmp_path: Path
) -> None:
    agent = host.worktree()
    older = agent.commit({"p": "1"})
    host.push(agent.commit({"p": "2"}))
    other = Host(Mirror.open(f"{scheme}{user.path}", tmp_path / "m2"), tmp_path / "w2")
    third = Host(Mirror.open(f"{scheme}{user.path}", tmp_path / "m3"), tmp_path / "w3")
    host.push(agent.commit({"p": "3"}))
    newest = agent.tip("HEAD~1")
    for commit in (older, newest):
        assert _start(other, commit) == commit
        assert _start(third, commit) == commit


def test_a_wrong_base_branch_is_told_before_anything_starts(host: Host) -> None:
    with pytest.raises(RepositoryError, match="Did you mean 'main'"):
        merges.start_commit(
            host.mirror, parent=None, target_branch=TARGET, base_branch="maim", policy="manual"
        )
