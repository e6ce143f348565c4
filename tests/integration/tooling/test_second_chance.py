"""The run of CI: a test that fails once is flaky, one that fails twice fails the run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.second_chance import MOST, tell

ROOT = Path(__file__).parents[3]
STEADY = "def test_steady():\n    assert 1 + 1 == 2\n"
BROKEN = "def test_broken():\n    assert 1 + 1 == 3\n"
FLAKY = """
from pathlib import Path

def test_second_time():
    seen = Path(__file__).with_name("seen")
    was_there = seen.exists()
    seen.touch()
    assert was_there
"""
LEAVES_RUBBISH = """
import pytest
from pathlib import Path

@pytest.fixture
def once():
    yield
    seen = Path(__file__).with_name("left")
    was_there = seen.exists()
    seen.touch()
    assert was_there, "left something behind"

def test_that_tears_down_badly(once):
    pass
"""


def run(folder: Path, *arguments: str, **files: str) -> tuple[int, list[str]]:
    """Write test files, run them as CI does; return the exit status and what was printed."""
    folder.joinpath("pytest.ini").write_text("[pytest]\n")
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "tests.second_chance", str(folder), *arguments],
        # Only the plugin that is needed: the others take seconds to be read.
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": f"-p xdist.plugin --rootdir={folder}",
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout.splitlines()


def flaky(lines: list[str]) -> list[str]:
    return [line.split()[1] for line in lines if line.startswith("flaky: ")]


def closing(lines: list[str]) -> list[str]:
    """Return pytest's closing lines without their times."""
    found = [re.fullmatch(r"=* ?(\d+ \w+.*) in [\d.]+s.*", line) for line in lines]
    return [line[1] for line in found if line]


def test_tests_that_pass_are_run_once(tmp_path: Path) -> None:
    status, lines = run(tmp_path, steady=STEADY)
    assert (status, flaky(lines), closing(lines)) == (0, [], ["1 passed"])


@pytest.mark.parametrize("beside", [(), ("--numprocesses=2", "--dist=loadfile")])
def test_a_test_that_passes_the_second_time_fails_nothing_and_is_told(
    tmp_path: Path, beside: tuple[str, ...]
) -> None:
    status, lines = run(tmp_path, *beside, steady=STEADY, unsteady=FLAKY)
    assert (status, flaky(lines)) == (0, ["test_unsteady.py::test_second_time"])
    assert "not in tests/flaky.md yet" in lines[-1]


def test_a_fixture_that_fails_the_first_time_only_is_flaky_too(tmp_path: Path) -> None:
    status, lines = run(tmp_path, rubbish=LEAVES_RUBBISH)
    assert (status, flaky(lines)) == (0, ["test_rubbish.py::test_that_tears_down_badly"])


def test_a_test_that_fails_twice_fails_the_run(tmp_path: Path) -> None:
    status, lines = run(tmp_path, steady=STEADY, broken=BROKEN, unsteady=FLAKY)
    assert (status, flaky(lines)) == (1, ["test_unsteady.py::test_second_time"])
    assert closing(lines) == ["2 failed, 1 passed", "1 failed, 1 passed"]


def test_only_what_failed_is_run_again(tmp_path: Path) -> None:
    status, lines = run(tmp_path, both=STEADY + FLAKY)
    assert status == 0
    assert closing(lines) == ["1 failed, 1 passed", "1 passed, 1 deselected"]


def test_very_many_failures_are_not_run_again(tmp_path: Path) -> None:
    many = "".join(BROKEN.replace("broken", f"broken_{n}") for n in range(MOST + 1))
    status, lines = run(tmp_path, many=many)
    assert (status, len(closing(lines))) == (1, 1)
    assert lines[-1] == f"{MOST + 1} tests failed, too many to be flaky: none is run again."


def test_a_file_that_cannot_be_read_fails_the_run_at_once(tmp_path: Path) -> None:
    status, lines = run(tmp_path, syntax="def test_(:\n", steady=STEADY)
    assert (status, len(closing(lines))) == (2, 1)


def test_the_slowest_tests_are_told(tmp_path: Path) -> None:
    slow = "import time\ndef test_slow():\n    time.sleep(0.1)\n"
    _, lines = run(tmp_path, slow=slow)
    assert any(line.endswith("call     test_slow.py::test_slow") for line in lines)


def test_a_flaky_test_that_is_on_the_list_is_told_as_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = tmp_path / "flaky.md"
    known.write_text("# Flaky tests\n- `a.py::test_b[c d]`: 2026-01-31, waits too short\n")
    tell(["a.py::test_b[c d]", "a.py::test_new"], known)
    assert capsys.readouterr().out.splitlines() == [
        "flaky: a.py::test_b[c d]",
        "flaky: a.py::test_new (not in tests/flaky.md yet)",
    ]
