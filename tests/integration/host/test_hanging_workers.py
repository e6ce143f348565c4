"""A process of which a part hangs ends itself and its git processes; any other goes on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from hephaestus_core.watchdog import HANGING_STATUS
from hephaestus_worker.host.hearing import Hearing
from tests.agent_processes import kill
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]


@contextmanager
def watched(part: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process whose part hangs or not, while git waits for a server that never answers."""
    ssh = folder / "ssh"
    ssh.write_text(
        f"#!/bin/sh\necho $$ > {folder}/number\nmv {folder}/number {folder}/connected\n"
        "exec sleep 1000\n"
    )
    ssh.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.host.hanging_process", part, str(folder)],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    try:
        connected = folder / "connected"
        wait_until(connected.exists, timeout=30, what="git runs")
        yield process
    finally:
        process.kill()
        process.communicate()
        kill(p for p in psutil.process_iter() if p.pid == number_in(folder / "connected"))


def number_in(file: Path) -> int:
    return int(file.read_text()) if file.exists() else 0


def looks(folder: Path) -> int:
    file = folder / "looks"
    return file.stat().st_size if file.exists() else 0


def test_a_part_that_hangs_ends_the_process_and_its_git(tmp_path: Path) -> None:
    with watched("hangs", tmp_path) as process:
        assert process.wait(30) == HANGING_STATUS
        assert process.stderr is not None
        assert b"watchdog: the part hangs" in process.stderr.read()
        connected = number_in(tmp_path / "connected")
        wait_until(lambda: not psutil.pid_exists(connected), timeout=5, what="git's child is gone")


@pytest.mark.parametrize("part", ["idle", "goes-on"])
def test_a_part_that_goes_on_or_has_nothing_to_do_ends_nothing(part: str, tmp_path: Path) -> None:
    with watched(part, tmp_path) as process:
        # Twice as many looks as a part that hangs would get.
        wait_until(lambda: looks(tmp_path) > 6, timeout=60, what="it is looked at")
        assert process.poll() is None


def test_a_process_that_was_frozen_as_a_whole_is_not_ended_for_it(tmp_path: Path) -> None:
    with watched("goes-on", tmp_path) as process:
        wait_until(lambda: looks(tmp_path) > 1, timeout=30, what="it is looked at")
        process.send_signal(signal.SIGSTOP)
        wait_until(lambda: psutil.Process(process.pid).status() == "stopped", what="it is frozen")
        process.send_signal(signal.SIGCONT)
        before = looks(tmp_path)
        wait_until(lambda: looks(tmp_path) > before + 4, timeout=30, what="it goes on")
        assert process.poll() is None


def test_only_a_knock_that_the_broker_took_and_nobody_heard_is_deafness() -> None:
    taken: list[bool] = []
    away = Hearing(lambda: bool(taken.append(False)), patience=0.0)
    wait_until(lambda: away.check() or len(taken) > 2, what="it knocks in vain")
    assert away.mark() is None

    deaf = Hearing(lambda: True, patience=0.0)
    wait_until(lambda: deaf.check() or deaf.mark() is not None, what="its knock is unheard")
    assert deaf.mark() == 0
    deaf.note()
    assert deaf.mark() is None
