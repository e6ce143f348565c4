"""One live worker for each home and each name: real processes on one database and one broker."""

import contextlib
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts.service import list_hosts
from hephaestus_worker.host.home_lock import TAKEN_STATUS
from tests.integration.host.worker_processes import Worker, Workers
from tests.waiting import wait_until

#: For a lease that no test lives to see the end of.
LONG = {"heartbeat_seconds": 0.5, "lease_seconds": 3600}


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
    workers: Workers, tmp_path: Path, database_url: str
) -> None:
    home = tmp_path / "home"
    first = workers.start(home, host_name="a", **LONG).wait_until_it_works()
    with stopped(first):
        second = workers.start(copied(home), **LONG)
        wait_until(lambda: "host_name_awaited" in second.said, timeout=60, what="it waits")
        assert not second.ready.exists()
        with contextlib.closing(Database(database_url)) as database, database.transaction() as s:
            s.execute(text("UPDATE hosts SET lease_expires_at = now()"))
        second.wait_until_it_works()
    assert first.process.wait(60) == TAKEN_STATUS, "it lost its name"
    assert second.process.poll() is None
