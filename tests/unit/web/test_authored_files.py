"""Files by author, from what git lists."""

from datetime import UTC, datetime
from uuid import UUID

from hephaestus_core.changes.authors import MergedCommit
from hephaestus_web.history.files import by_file, read_changes

NEW, OLD = "b" * 40, "a" * 40
SAID = f">{NEW}\0\nD\0a\0A\0>x\0>{OLD}\0\nM\0a\0T\0l\0X\0>{'c' * 40}\0\nA\0z\0M\0cut"


def merged(commit: str, number: int) -> MergedCommit:
    at = datetime(2026, 1, number, tzinfo=UTC)
    return MergedCommit(commit, UUID(int=number), UUID(int=number + 10), f"Task {number}", at)


def test_a_path_is_no_commit_and_a_cut_end_is_left_out() -> None:
    assert list(read_changes(SAID.encode())) == [
        (NEW, "a", "deleted"),
        (NEW, ">x", "added"),
        (OLD, "a", "changed"),
        (OLD, "l", "changed"),
        ("c" * 40, "z", "added"),
    ]
    assert list(read_changes(b"")) == []


def test_files_of_most_tasks_come_first_and_strange_commits_count_for_nobody() -> None:
    files = by_file(read_changes(SAID.encode()), [merged(NEW, 2), merged(OLD, 1)])
    assert [(each.path, each.tasks) for each in files] == [("a", 2), (">x", 1), ("l", 1)]
    assert [(each.title, each.how) for each in files[0].authors] == [
        ("Task 2", "deleted"),
        ("Task 1", "changed"),
    ]


def test_authors_of_one_file_are_bounded() -> None:
    many = [merged(f"{number:040x}", 1) for number in range(200)]
    changes = ((each.commit, "a", "changed") for each in many)
    [found] = by_file(changes, many)
    assert (found.tasks, len(found.authors)) == (1, 50)
