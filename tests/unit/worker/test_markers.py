"""Conflict markers are found in whatever an agent left in a file, in linear time."""

import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hephaestus_worker.git.objects.markers import has_conflict_markers

CONFLICT = b"a\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> branch\nb\n"
CHUNK = 1 << 20
#: Quadratic time is minutes.
CPU_SECONDS = 10

LINES = st.sampled_from(
    [
        *(b"<<<<<<< HEAD", b"=======", b"=======\r", b">>>>>>> branch", b"||||||| base"),
        *(b"<<<<<<<", b"========", b" =======", b">>>>>>>", b"<<<<<<<< x", b"", b"text"),
    ]
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def found_in(file: Path, content: bytes) -> bool:
    file.write_bytes(content)
    return has_conflict_markers(file)


@pytest.mark.parametrize(
    ("content", "marked"),
    [
        (CONFLICT, True),
        (CONFLICT.replace(b"\n", b"\r\n"), True),
        (CONFLICT.removeprefix(b"a\n").removesuffix(b"\nb\n"), True),
        (b"<<<<<<< HEAD\n=======\n>>>>>>> branch", True),
        (b"", False),
        (b"Title\n=======\n", False),
        (CONFLICT.replace(b"=======", b"======"), False),
        (CONFLICT.replace(b"=======", b"======= x"), False),
        (CONFLICT.replace(b"=======", b"        "), False),
        (b">>>>>>> branch\n=======\n<<<<<<< HEAD\n", False),
        (b"> <<<<<<< HEAD\n=======\n>>>>>>> branch\n", False),
    ],
)
def test_markers_count_in_their_order_alone(file: Path, content: bytes, *, marked: bool) -> None:
    assert found_in(file, content) is marked


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, max_size=8))
def test_lines_are_judged_as_git_writes_them(file: Path, lines: list[bytes]) -> None:
    marks = (re.fullmatch(rb"(<)<{6} .*|(=)={6}\r?|(>)>{6} .*", line) for line in lines)
    order = b"".join(mark[mark.lastindex or 0] for mark in marks if mark)
    expected = re.search(rb"<[^=]*=[^>]*>", order) is not None

    assert found_in(file, b"\n".join(lines)) is expected


@pytest.mark.parametrize("shift", range(len(CONFLICT) + 2))
def test_a_marker_cut_in_two_by_a_chunk_is_found(file: Path, shift: int) -> None:
    before = b"x" * (CHUNK - shift - 1) + b"\n"

    assert found_in(file, before + CONFLICT)
    assert not found_in(file, before + CONFLICT.replace(b">>>>>>>", b">>>>>> "))


@pytest.mark.parametrize("unit", [b"<<<<<<< \n", b"<<<<<<< \n=======\n", b"\n", b"=", b"\n======"])
def test_the_worst_megabyte_takes_linear_time(file: Path, unit: bytes) -> None:
    content = unit * (CHUNK // len(unit))
    began = time.process_time()

    assert not found_in(file, content)
    assert time.process_time() - began < CPU_SECONDS


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "marked").write_bytes(CONFLICT)
    (tmp_path / "link").symlink_to("marked")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "vast").open("wb") as vast:
        vast.write(CONFLICT)
        vast.truncate(1 << 40)

    assert has_conflict_markers(tmp_path / "marked")
    for other in ("link", "pipe", "vast", ".", "missing"):
        assert not has_conflict_markers(tmp_path / other)
