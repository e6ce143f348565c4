"""Files that agents may write are read within bounds, or not at all."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from hephaestus_core.contract import agent_files
from tests.bounds import bounded
from tests.strange_files import SECRET, STRANGE, sparse


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "agent"
    made.mkdir()
    return made


def test_a_file_is_read_from_any_place(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "file").write_bytes(b"0123456789")
    assert agent_files.size(folder, "inner/file") == 10
    assert agent_files.read(folder, "inner/file", most=4, start=3) == b"3456"
    assert agent_files.read(folder, "inner/file", most=4, start=2**62) == b""
    assert agent_files.read(folder, "inner/none", most=4) is None


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_file_of_the_agents_own_is_absent(folder: Path, kind: str) -> None:
    STRANGE[kind](folder / "file")
    assert agent_files.size(folder, "file") is None
    assert agent_files.read(folder, "file", most=10) is None
    assert agent_files.json_object(folder, "file") == {}
    assert list(agent_files.json_lines(folder, "file")) == []
    found = [str(name) for name in agent_files.files(folder, "**/*")]
    assert found == (["file"] if kind == "second name" else [])


def test_a_device_is_absent() -> None:
    assert agent_files.read(Path("/dev"), "zero", most=10) is None


def test_a_file_of_another_user_is_absent(folder: Path) -> None:
    path = Path("/etc/passwd")
    if os.geteuid() == 0:
        path = folder / "file"
        path.touch()
        os.chown(path, 65534, -1)
    assert agent_files.read(path.parent, path.name, most=10) is None


def test_no_link_on_the_way_is_followed(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file.jsonl").write_text(SECRET)
    (folder / "inner").symlink_to(elsewhere)
    assert agent_files.read(folder, "inner/file.jsonl", most=10) is None
    assert agent_files.read(folder, "../elsewhere/file.jsonl", most=10) is None
    assert agent_files.files(folder, "*/*.jsonl") == []
    assert agent_files.files(folder, "**/*.jsonl") == []
    (folder.parent / "link").symlink_to(elsewhere)
    assert agent_files.files(folder.parent / "link", "*.jsonl") == []


def test_files_are_found_by_their_names(folder: Path) -> None:
    for name in ("a/x.jsonl", "a/b/y.jsonl", "z.jsonl", "a/other"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()

    def found(pattern: str) -> list[str]:
        return [str(name) for name in agent_files.files(folder, pattern)]

    assert found("*/*.jsonl") == ["a/x.jsonl"]
    assert found("**/*.jsonl") == ["a/b/y.jsonl", "a/x.jsonl", "z.jsonl"]
    assert found("a/**/y.*") == ["a/b/y.jsonl"]
    assert found("none/*") == []


def test_only_objects_are_taken_from_lines(folder: Path) -> None:
    lines = [b'{"n": 1}', b"[2]", b"{", b"[" * 100_000, b"9" * 10_000, b"\xff", b'{"n": 3}']
    (folder / "file").write_bytes(b"\n".join(lines))
    assert list(agent_files.json_lines(folder, "file")) == [{"n": 1}, {"n": 3}]
    assert list(agent_files.json_lines(folder, "file", start=5)) == [{"n": 3}]


def test_a_line_that_is_too_long_is_left_out(folder: Path) -> None:
    long = json.dumps({"text": "x" * agent_files.MOST_JSON})
    (folder / "file").write_text(f'{{"n": 1}}\n{long}\n{{"n": 2}}\n')
    assert list(agent_files.json_lines(folder, "file")) == [{"n": 1}, {"n": 2}]


def test_a_file_without_end_costs_little(folder: Path) -> None:
    sparse(folder / "file")
    with bounded(megabytes=64, seconds=10):
        assert agent_files.size(folder, "file") == 10 * 2**30
        assert agent_files.read(folder, "file", most=8, start=9 * 2**30) == bytes(8)
        assert agent_files.json_object(folder, "file") == {}
        assert list(agent_files.json_lines(folder, "file")) == []


def test_a_search_looks_at_a_bounded_number_of_entries(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_files, "_MOST_ENTRIES", 20)
    for number in range(50):
        (folder / str(number)).touch()
    assert len(agent_files.files(folder, "*")) == 20


def test_folders_may_nest_as_deep_as_they_like(folder: Path) -> None:
    place = os.open(folder, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=place)
        place, left = os.open("d", os.O_RDONLY, dir_fd=place), place
        os.close(left)
    os.close(place)
    try:
        assert agent_files.files(folder, "**/*.jsonl") == []
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)  # Python's own rmtree recurses
