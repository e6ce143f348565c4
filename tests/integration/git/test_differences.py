"""What differs between two commits, as readers get it."""

import pytest

from hephaestus_core.contract.diffs import FileChange
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.merging import differences
from tests.integration.git.making import TARGET, Host, Repo


def test_files_lines_and_the_patch(user: Repo, host: Host) -> None:
    base = user.tip()
    tip = host.work("one", {"README.md": "# B\nline\n", "binary": b"\0\1\2", "src/app.py": None})
    diff = differences.between(host.mirror, base, tip)
    assert (diff.base, diff.commit) == (base, tip)
    assert (diff.files, diff.insertions, diff.deletions) == (3, 2, 2)
    assert FileChange("binary", None, None, size=3) in diff.changes
    assert "+# B\n+line\n" in diff.patch
    assert "Binary files /dev/null and b/binary differ" in diff.patch
    assert not diff.truncated


def test_two_equal_commits_differ_in_nothing(user: Repo, host: Host) -> None:
    diff = differences.between(host.mirror, user.tip(), user.tip())
    assert (diff.files, diff.changes, diff.patch, diff.truncated) == (0, [], "", False)


def test_a_long_patch_and_many_files_are_cut(user: Repo, host: Host) -> None:
    tip = host.work("one", {f"f{number}": "line\n" * 50 for number in range(3)})
    diff = differences.between(host.mirror, user.tip(), tip, patch_limit=200, file_limit=2)
    assert (diff.files, diff.insertions, len(diff.changes)) == (3, 150, 2)
    assert len(diff.patch) == 200
    assert diff.truncated


def test_git_is_ended_once_it_has_said_enough(user: Repo, host: Host) -> None:
    tip = host.work("one", {"big": "line of text\n" * 100_000})
    said, cut = git.beginning(
        *("diff-tree", "--patch", user.tip(), tip),
        doing="compare",
        git_dir=host.mirror.path,
        most=1000,
    )
    assert (len(said), cut) == (1000, True)
    with pytest.raises(RepositoryError, match="Could not compare"):
        git.beginning("diff-tree", "absent", doing="compare", git_dir=host.mirror.path, most=1000)


def test_of_a_merge_only_what_it_brought_in_is_shown(user: Repo, host: Host) -> None:
    base = user.tip()
    tips = [host.work("one", {"f": "one\n"}), host.work("two", {"g": "two\n"})]
    first, second = host.merge(*tips)
    assert first.commit
    assert second.commit
    assert second.target_before
    assert host.mirror.resolve(TARGET) == second.commit
    brought = differences.between(host.mirror, second.target_before, second.commit)
    assert [change.path for change in brought.changes] == ["g"]
    user.commit({"later": "x"})
    whole = differences.since_fork(host.mirror, "main", second.commit)
    assert [change.path for change in whole.changes] == ["f", "g"]
    assert whole.base == base


def test_a_patch_is_always_text_that_a_database_can_keep(user: Repo, host: Host) -> None:
    tip = host.work("one", {"latin": b"caf\xe9 \x1b[2J\n", "tab\tname": "x\n"})
    diff = differences.between(host.mirror, user.tip(), tip)
    assert "caf\N{REPLACEMENT CHARACTER}" in diff.patch
    assert "\0" not in diff.patch
    assert '"tab\\tname"' in [change.path for change in diff.changes]
