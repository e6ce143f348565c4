"""Many that merge into one branch at once, from one host and from several."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git.merging import merges
from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import TARGET, Host, Repo


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_eight_at_once_from_two_hosts(scheme: str, user: Repo, tmp_path: Path) -> None:
    origin = f"{scheme}{user.path}"
    hosts = [
        Host(Mirror.open(origin, tmp_path / f"host{number}"), tmp_path / f"worktrees{number}")
        for number in range(2)
    ]
    tips = [hosts[n % 2].work(f"a{n}", {f"file{n}": f"{n}\n"}) for n in range(8)]
    ready = threading.Barrier(8)

    def merge(number: int) -> str:
        # Each with a mirror object of its own, as separate processes have.
        root = tmp_path / f"host{number % 2}"
        host = Host(Mirror.open(origin, root), root)
        ready.wait(30)
        (outcome,) = host.merge(tips[number])
        return str(outcome.commit)

    with ThreadPoolExecutor(8) as pool:
        commits = list(pool.map(merge, range(8)))
    line = user.git("rev-list", "--first-parent", "--parents", f"main..{TARGET}").splitlines()
    assert sorted(commits) == sorted(entry.split()[0] for entry in line)
    assert sorted(tips) == sorted(entry.split()[2] for entry in line), "one merge for each tip"
    assert {f"file{number}" for number in range(8)} <= set(user.files(TARGET))
    assert user.git("fsck", "--no-dangling") == ""


def _overtake(user: Repo, command: str) -> None:
    """Let the user's repository run this just before it takes a push."""
    hook = user.path / ".git" / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{command}\n")
    hook.chmod(0o755)


def test_a_target_that_moves_meanwhile_is_merged_into_again(user: Repo, host: Host) -> None:
    tip = host.work("one", {"one": "1"})
    theirs = host.work("two", {"two": "2"})
    host.merge(host.work("zero", {"zero": "0"}))
    _overtake(user, f'rm "$0"; git update-ref refs/heads/{TARGET} {theirs}')
    (outcome,) = host.merge(tip)
    assert outcome.target_before == theirs
    assert {"one", "two"} <= set(user.files(TARGET))


def test_giving_up_after_many_tries_says_that_nothing_is_lost(user: Repo, host: Host) -> None:
    tip = host.work("one", {"one": "1"})
    _overtake(user, 'git update-ref "$1" $(git commit-tree -p HEAD -m "$(date +%N)" HEAD^{tree})')
    with pytest.raises(
        RepositoryError, match=r"moved 'hephaestus/flow' .* 3 times.*No work is lost"
    ):
        merges.merge_all(
            *(host.mirror, TARGET, [merges.MergeRequest(tip, "Merge")]),
            base_for_new_target="main",
            policy="newest_file_wins",
            most_tries=3,
        )
    assert user.git("log", "--merges", "--all", "--format=%H") == ""


def test_a_ref_lock_of_another_git_is_waited_for(user: Repo, host: Host) -> None:
    tip = host.work("one", {"one": "1"})
    lock = user.path / ".git/refs/heads" / f"{TARGET}.lock"
    lock.touch()
    timer = threading.Timer(0.5, lock.unlink)
    timer.start()
    assert host.merge(tip)[0].status == "merged"
    timer.join()
