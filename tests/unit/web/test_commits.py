from datetime import UTC, datetime

from hephaestus_web.history.commits import moment, read_commits, with_base


def said(commit_id: str, subject: str, counts: str, author: str = "A User") -> bytes:
    return f"\0{commit_id}\0001700000000\0{author}  \0{subject}\0{counts}".encode()


def test_commits_are_read_with_their_counts() -> None:
    text = said("a" * 40, "Reef it  ", "\n\n 3 files changed, 12 insertions(+), 1 deletion(-)\n")
    text += said("b" * 40, "Merge", "\n")
    first, merge = read_commits(text)
    assert (first.id, first.subject, first.author) == ("a" * 40, "Reef it", "A User")
    assert (first.files, first.insertions, first.deletions) == (3, 12, 1)
    assert first.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (merge.files, merge.insertions, merge.deletions) == (0, 0, 0)


def test_a_commit_that_is_cut_off_is_left_out() -> None:
    whole = said("a" * 40, "Reef it", "\n 1 file changed, 1 insertion(+)\n")
    assert [each.id for each in read_commits(whole + b"\0" + b"b" * 40 + b"\0001")] == ["a" * 40]
    assert read_commits(b"") == []


def test_texts_of_agents_are_bounded_and_plain() -> None:
    [found] = read_commits(said("a" * 40, "\x1b[2J" + "x" * 1_000_000, "", author="\x07" * 9000))
    assert len(found.subject) == 120
    assert found.subject.startswith("␛[2Jxxx")
    assert set(found.author) == {"␇", "…"}


def test_counts_are_not_taken_from_a_subject() -> None:
    [found] = read_commits(said("a" * 40, "9 files changed, 9 insertions(+)", ""))
    assert (found.files, found.insertions) == (0, 0)


def test_times_that_no_calendar_holds_are_moved_to_the_nearest() -> None:
    assert moment("9" * 4000).year == 9999
    assert moment("-1") == moment("") == moment("never") == datetime(1970, 1, 1, tzinfo=UTC)


def test_what_is_not_outside_is_in_the_base_branch() -> None:
    commits = read_commits(said("a" * 40, "x", "") + said("b" * 40, "y", ""))
    shown = list(with_base(commits, b"b" * 40 + b"\n"))
    assert [each.in_base_branch for each in shown] == [True, False]
