"""One live worker for each home and each name: real processes on one database and one broker."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts.service import list_hosts
from hephaestus_worker.host.home_lock import TAKEN_STATUS
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
#: For a lease that no test lives to see the end of.
LONG = {"heartbeat_seconds": 0.5, "lease_seconds": 3600}
SHORT = {"heartbeat_seconds": 0.5, "lease_seconds": 4}


class Worker:
    """A worker process."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.ready = HomeLayout(home).ready_file("worker")
        self.ready.unlink(missing_ok=True)
        self._log = home.with_suffix(".log")
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hephaestus_worker"],
                env=environment | {"HEPHAESTUS_HOME": str(home)},
                cwd=ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def works(self) -> bool:
        return self.process.poll() is None and self.ready.exists()

    def wait_until_it_works(self) -> "Worker":
        ended = lambda: self.ready.exists() or self.process.poll() is not None  # noqa: E731
        wait_until(ended, timeout=60, what="the worker works")
        assert self.works, self.said
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Workers:
    """Starts workers on one database and one broker."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
        self._urls = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        self.all: list[Worker] = []

    def start(self, home: Path, **settings: Any) -> Worker:
        given = self._urls | {name.upper(): value for name, value in settings.items()}
        variables = {f"HEPHAESTUS_{name}": str(value) for name, value in given.items()}
        home.mkdir(exist_ok=True)
        self.all.append(Worker(home, self._inherited | variables))
        return self.all[-1]


@pytest.fixture
def workers(database_url: str, redis_url: str) -> Iterator[Workers]:
    made = Workers(database_url, redis_url)
    yield made
    for worker in made.all:
        worker.kill()


@contextmanager
def stopped(worker: Worker) -> Iterator[None]:
    """Freeze the worker for the block, like a machine without a network."""
    worker.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        worker.process.send_signal(signal.SIGCONT)


def copied(home: Path) -> Path:
    """Return a copy of the home, its name and its lock with it."""
    copy = home.with_name(f"copy-of-{home.name}")
    shutil.copytree(home, copy)
    HomeLayout(copy).ready_file("worker").unlink(missing_ok=True)
    return copy


def test_a_second_worker_in_a_home_is_refused(workers: Workers, tmp_path: Path) -> None:
    first = workers.start(tmp_path / "home", host_name="a", **LONG).wait_until_it_works()
    for name in ("a", "b"):
        second = workers.start(tmp_path / "home", host_name=name, **LONG)
        assert second.process.wait(60) == TAKEN_STATUS
        assert f"Another worker runs in the home {tmp_path / 'home'}" in second.said
    assert HomeLayout(tmp_path / "home").host_name_file.read_text() == "a\n"
    assert first.process.poll() is None


def test_a_worker_in_a_copied_home_is_refused(
    workers: Workers, database_url: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    first = workers.start(home, host_name="a", **LONG).wait_until_it_works()
    second = workers.start(copied(home), **LONG)
    assert second.process.wait(60) == TAKEN_STATUS
    assert "Another worker bears the host name 'a'" in second.said
    assert not second.ready.exists()
    assert first.process.poll() is None
    database = Database(database_url)
    [host] = list_hosts(database)
    wait_until(
        lambda: list_hosts(database)[0].last_seen_at > host.last_seen_at, what="the first one beats"
    )
    database.close()


def test_a_killed_worker_comes_back_at_once(workers: Workers, tmp_path: Path) -> None:
    for _ in range(3):
        workers.start(tmp_path / "home", host_name="a", **LONG).wait_until_it_works().kill()


def test_another_home_takes_the_name_when_its_worker_has_been_silent_for_a_lease(
    workers: Workers, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    first = workers.start(home, host_name="a", **SHORT).wait_until_it_works()
    with stopped(first):
        second = workers.start(copied(home), **SHORT).wait_until_it_works()
        assert "host_name_awaited" in second.said
    assert first.process.wait(60) == TAKEN_STATUS, "it lost its name"
    assert second.process.poll() is None
