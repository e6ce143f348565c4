"""A commit may bear any date: none holds a merge, and none makes work newer than it is."""

import time

import pytest

from hephaestus_worker.git.objects.object_store import ObjectStore
from tests.integration.git.making import TARGET, Host, Repo

#: A day before now; the work of these tests was done then.
DAY = 86_400
FAR = 200_000_000_000  # the year 8307


@pytest.fixture
def yesterday() -> int:
    return int(time.time()) - DAY


def commit_dated(host: Host, name: str, content: str, date: str) -> str:
    """Return a pushed commit whose dates read so, as no command of git would write them."""
    agent = host.worktree(name)
    host.save_commits(agent.commit({"f": content}))
    tree, parent = agent.tip("HEAD^{tree}"), agent.tip("HEAD^")
    text = (
        f"tree {tree}\nparent {parent}\nauthor An Agent <a@example.org> {date}\n"
        f"committer An Agent <a@example.org> {date}\n\nwork\n"
    )
    tip = ObjectStore(host.mirror.path).put("commit", text.encode(), like=tree)
    host.push(tip, name)
    return tip


@pytest.mark.parametrize(
    "date",
    [
        *("99999999999999999999 +0000", f"{'9' * 5000} +0000", "253402300800 +0000"),
        *("-5 +0000", "yesterday", "", "1 +99999999999"),
    ],
)
@pytest.mark.parametrize("policy", ["newest_file_wins", "manual"])
def test_no_date_holds_a_merge(host: Host, date: str, policy: str) -> None:
    ours = commit_dated(host, "ours", "ours\n", date)
    theirs = commit_dated(host, "theirs", "theirs\n", date)

    host.merge(ours)
    (outcome,) = host.merge(theirs, policy="manual" if policy == "manual" else "newest_file_wins")

    assert outcome.status == ("conflict" if policy == "manual" else "merged")
    (conflict,) = outcome.conflicts
    now = time.time()
    assert conflict.ours_time.timestamp() <= now
    assert conflict.theirs_time.timestamp() <= now


def test_work_is_no_newer_than_the_end_of_its_attempt(host: Host, yesterday: int) -> None:
    ours = host.work("ours", {"f": "ours\n"}, at=yesterday)
    theirs = host.work("theirs", {"f": "theirs\n"}, at=FAR)

    host.merge(ours)
    (outcome,) = host.merge(theirs, ended={theirs: yesterday - 60})

    (conflict,) = outcome.conflicts
    assert conflict.kept == "ours"
    assert conflict.theirs_time.timestamp() == yesterday - 60


def test_merged_work_stays_as_old_as_its_attempt(user: Repo, host: Host, yesterday: int) -> None:
    early = host.work("early", {"f": "early\n"}, at=FAR)
    late = host.work("late", {"f": "late\n"}, at=yesterday)
    aside = host.work("aside", {"g": "aside\n"}, at=yesterday)

    host.merge(aside, early, ended={early: yesterday - 60, aside: yesterday})
    (outcome,) = host.merge(late, ended={late: yesterday + 60})

    (conflict,) = outcome.conflicts
    assert (conflict.kept, user.show(TARGET, "f")) == ("theirs", "late")
    assert conflict.ours_commit == early
    assert conflict.ours_time.timestamp() == yesterday - 60


def test_what_a_person_commits_to_the_branch_is_no_attempts_work(
    user: Repo, host: Host, yesterday: int
) -> None:
    early = host.work("early", {"f": "early\n"}, at=yesterday - 120)
    late = host.work("late", {"f": "late\n"}, at=yesterday)
    host.merge(early, ended={early: yesterday - 60})
    user.git("checkout", "--quiet", TARGET)
    user.commit({"f": "a person\n"}, at=yesterday + 120)

    (outcome,) = host.merge(late, ended={late: yesterday + 60})

    (conflict,) = outcome.conflicts
    assert conflict.kept == "ours"
    assert conflict.ours_time.timestamp() == yesterday + 120


def test_conflicts_of_an_unrecorded_merge_are_found_again(host: Host, yesterday: int) -> None:
    ours = host.work("ours", {"f": "ours\n"}, at=FAR)
    theirs = host.work("theirs", {"f": "theirs\n"}, at=FAR)
    ended = {ours: yesterday, theirs: yesterday + 60}
    _, first = host.merge(ours, theirs, ended=ended)
    later = host.work("later", {"other": "1"})
    host.merge(later)

    (again,) = host.merge(theirs, ended=ended)

    assert (again.status, again.conflicts) == ("already_merged", first.conflicts)
    assert len(first.conflicts) == 1


def test_a_merge_is_dated_by_the_attempt_that_it_brings(
    user: Repo, host: Host, yesterday: int
) -> None:
    tip = host.work("one", {"f": "1\n"}, at=FAR)

    host.merge(tip, ended={tip: yesterday})

    author, committer = user.git("log", "-1", "--format=%at %ct", TARGET).split()
    assert int(author) == yesterday
    assert int(committer) > yesterday
