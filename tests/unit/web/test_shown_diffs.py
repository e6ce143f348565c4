"""A diff on a page: each line once, whatever is in it, and bounded."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hephaestus_core.changes.patches import read
from hephaestus_core.changes.rules import DiffView
from hephaestus_core.contract.diffs import FileChange
from hephaestus_web.pages.diff_lines import differing, rows_of, shown
from hephaestus_web.pages.shown_diffs import piece_of, shown_diff


def diff_of(patch: str, *changes: FileChange, truncated: bool = False) -> DiffView:
    return DiffView(
        base="a" * 40,
        commit="b" * 40,
        files=len(changes),
        insertions=0,
        deletions=0,
        changes=list(changes),
        patch=patch,
        truncated=truncated,
        recorded_at=None,
    )


def new_file(path: str, lines: list[str]) -> str:
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return head + f"@@ -0,0 +1,{len(lines)} @@\n" + "".join(f"+{line}\n" for line in lines)


def plain(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("+- "), TEXTS), max_size=25), st.integers(1, 30))
def test_every_line_is_shown_once_in_whatever_pieces(
    lines: list[tuple[str, str]], piece: int
) -> None:
    old = sum(sign != "+" for sign, _ in lines)
    new = sum(sign != "-" for sign, _ in lines)
    patch = f"diff --git a/x b/x\n@@ -1,{old} +1,{new} @@\n"
    patch += "".join(f"{sign}{text}\n" for sign, text in lines)
    [file] = read(patch)
    starts = range(0, max(file.lines, 1), piece)
    rows = [row for start in starts for row in rows_of(file, start, piece)]
    assert len(rows) == file.lines
    kinds = {"+": "added", "-": "removed", " ": "context"}
    found = [(row.kind, plain(row.html)) for row in rows[1:]]
    # Nothing is lost: whatever is invisible has a sign, and marks are no text.
    assert found == [(kinds[sign], plain(shown(text))) for sign, text in lines]


def test_nothing_that_an_agent_wrote_is_html_or_invisible() -> None:
    hostile = "<script>\x1b[31m\u202egnp.exe\u200b\U000e0041&\r"
    assert shown(hostile) == (
        '&lt;script&gt;<b class="odd">␛</b>[31m<b class="odd">U+202E</b>gnp.exe'
        '<b class="odd">U+200B</b><b class="odd">U+E0041</b>&amp;<b class="odd">␍</b>'
    )


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("price = 12 + tax", "price = 13 + tax", ("12", "13")),
        ("call(first)", "call(first, second)", ("", ", second")),
        ("total", "totals", ("", "")),
        ("a b", "x y", ("", "")),
        ("  return x", "  raise y", ("", "")),
        ("if a_name:", "if b_name:", ("a_name", "b_name")),
        ("same", "same", ("", "")),
    ],
)
def test_marks_within_lines_are_whole_words(old: str, new: str, marked: tuple[str, str]) -> None:
    start, old_end, new_end = differing(old, new)
    assert (old[start:old_end], new[start:new_end]) == marked


def test_a_page_has_room_for_a_part_and_the_rest_comes_in_pieces() -> None:
    small = new_file("a.py", ["x = 1"])
    big = new_file("b.py", [f"line {number}" for number in range(2000)])
    lock = new_file("uv.lock", ["x"])
    changes = [FileChange("a.py", 1, 0), FileChange("b.py", 2000, 0), FileChange("uv.lock", 1, 0)]
    page = shown_diff(diff_of(small + big + lock, *changes))
    assert [(file.path, file.is_open, len(file.rows)) for file in page.files] == [
        ("a.py", True, 2),
        ("b.py", False, 0),
        ("uv.lock", False, 0),
    ]
    numbers, start = [], 0
    while start is not None:
        piece = piece_of(diff_of(small + big + lock, *changes), 1, start=start)
        assert piece is not None
        assert len(piece.rows) <= 800
        numbers += [row.number for row in piece.rows if row.number]
        start = piece.following
    assert numbers == list(range(1, 2001))
    assert piece_of(diff_of(small), 7) is None


def test_many_files_do_not_make_a_page_long() -> None:
    patch = "".join(new_file(f"{number}.py", ["x" * 300] * 50) for number in range(15))
    page = shown_diff(diff_of(patch, *(FileChange(f"{n}.py", 50, 0) for n in range(15))))
    assert sum(len(file.rows) for file in page.files) <= 500
    assert sum(len(row.html) for file in page.files for row in file.rows) <= 41_000


def test_what_has_no_lines_is_told_by_its_size() -> None:
    binary = "diff --git a/logo.png b/logo.png\nindex 1..2 100644\nBinary files differ\n"
    pointer = new_file("m.bin", ["version https://git-lfs.github.com/spec/v1", "size 5000000"])
    renamed = "diff --git a/a b/c\nsimilarity index 100%\nrename from a\nrename to c\n"
    changes = [
        FileChange("logo.png", None, None, size=2_345_678),
        FileChange("m.bin", 2, 0),
        FileChange("a => c", 0, 0),
        FileChange("cut.py", 900, 0),
    ]
    page = shown_diff(diff_of(binary + pointer + renamed, *changes, truncated=True))
    assert [file.notes for file in page.files] == [
        ("binary, 2.3 MB",),
        ("kept by Git LFS, 5.0 MB", "new"),
        ("was a",),
        ("lines not recorded",),
    ]
    assert page.incomplete == ("c", "cut.py")


def test_a_mark_holds_for_what_was_seen() -> None:
    one, other = (new_file("a.py", [f"x = {number}"]) for number in (1, 2))
    digests = [shown_diff(diff_of(patch)).files[0].digest for patch in (one, one, other)]
    assert digests[0] == digests[1] != digests[2]


WORST = {
    "one long line": new_file("a", ["x" * 1_000_000]),
    "controls": new_file("a", ["\x1b" * 2000] * 130),
    "many lines": new_file("a", [""] * 130_000),
    "pairs": "diff --git a/a b/a\n@@ -1,9999 +1,9999 @@\n" + "-a\n" * 9999 + "+b\n" * 9999,
    "no patch": "+white\n" * 30_000,
}


@pytest.mark.parametrize("name", sorted(WORST))
def test_no_diff_takes_long(name: str) -> None:
    diff = diff_of(WORST[name], FileChange("a", 1, 1))
    begun = time.process_time()
    shown_diff(diff)
    piece = piece_of(diff, 0, start=100)
    assert piece is not None
    assert sum(len(row.html) for row in piece.rows) < 150_000
    assert time.process_time() - begun < 3
