"""A worker that receives no bells ends itself and its git processes, but not while it works."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.agent_processes import kill
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]

#: The exit status of a worker that ended because it received no bells.
DEAF = 71


@contextmanager
def deaf_worker(host: Host, folder: Path, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker that copies a repository from a server that never answers."""
    ssh = folder / "ssh"
    ssh.write_text(f"#!/bin/sh\necho $$ > {folder}/connected\nexec sleep 1000\n")
    ssh.chmod(0o755)
    host.worker()  # This makes the folders.
    module = "tests.integration.host.deaf_worker"
    url = str(host.settings.database_url)
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(host.settings.home), url, "ssh://nowhere/big"],
        env={**os.environ, "GIT_SSH_COMMAND": str(ssh), **environ},
        cwd=ROOT,
    )
    try:
        connected = folder / "connected"
        wait_until(
            lambda: connected.exists() and connected.read_text(), timeout=30, what="git runs"
        )
        yield process
    finally:
        process.kill()
        process.wait()
        kill(p for p in psutil.process_iter() if p.pid == number_in(folder / "connected"))


def number_in(file: Path) -> int:
    return int(file.read_text()) if file.exists() and file.read_text() else 0


def beats(host: Host) -> int:
    file = host.settings.home / "beats"
    return file.stat().st_size if file.exists() else 0


def assert_no_git_is_left(folder: Path) -> None:
    connected = number_in(folder / "connected")
    wait_until(lambda: not psutil.pid_exists(connected), timeout=5, what="git's child is gone")


def test_work_under_way_is_no_deafness_and_its_end_lets_the_silence_count(
    host: Host, tmp_path: Path
) -> None:
    with deaf_worker(host, tmp_path) as worker:
        before = beats(host)
        # Twenty beats take at least a second, twice the allowed time without a bell.
        wait_until(
            lambda: worker.poll() is not None or beats(host) > before + 20,
            timeout=30,
            what="it goes on beating",
        )
        assert worker.poll() is None

        (host.settings.home / "free").touch()
        assert worker.wait(20) == DEAF
        assert_no_git_is_left(tmp_path)


def test_a_worker_whose_threads_hang_ends_itself_and_its_git(host: Host, tmp_path: Path) -> None:
    with deaf_worker(host, tmp_path, HANGING_SECONDS="3") as worker:
        assert worker.wait(20) == DEAF
        assert_no_git_is_left(tmp_path)
