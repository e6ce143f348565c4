"""Processes are killed; the stack comes back by itself."""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from hephaestus_core.settings.config import Settings
from hephaestus_sdk.runtime import identity, stack, status
from hephaestus_sdk.runtime.home import Home
from tests.integration.runtime.conftest import children_of, processes_in
from tests.servers import libpq_url
from tests.waiting import wait_until

Make = Callable[..., Settings]
Start = Callable[..., stack.StackInfo]


def _pid(settings: Settings, name: str) -> int:
    return int(Home(settings.home).stack()["processes"][name]["pid"] or 0)


def _wait_for_another(settings: Settings, name: str, pid: int) -> None:
    wait_until(lambda: _pid(settings, name) not in {0, pid}, what=f"{name} is started again")


@pytest.mark.parametrize("name", ["postgres", "valkey", "web", "worker", "beat"])
def test_a_killed_process_is_started_again(settings_for: Make, start: Start, name: str) -> None:
    settings = settings_for()
    start(settings)
    killed = _pid(settings, name)
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        back = {p.name: p for p in status.read(settings.home).processes}[name]
        return back.state == "ready" and back.pid != killed and back.restarts == 1

    wait_until(is_back, timeout=10, what=f"{name} is back")
    wait_until(lambda: status.read(settings.home).state == "ready", what="all is well")


def test_a_process_that_hangs_is_started_again(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    start(settings)
    hanging = {name: _pid(settings, name) for name in ("web", "worker")}
    os.kill(hanging["web"], signal.SIGSTOP)  # does not answer
    os.utime(Home(settings.home).ready_file("worker"), (0, 0))  # has not touched its file
    for name, pid in hanging.items():
        _wait_for_another(settings, name, pid)
    wait_until(lambda: status.read(settings.home).state == "ready", what="all is well")
    assert status.read(settings.home).processes
    log = Path(Home(settings.home).stack()["log_dir"], "supervisor.log").read_text()
    assert "beat: gives no sign of life" not in log


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_server_that_hangs_is_started_again_and_postgres_keeps_what_was_committed(
    settings_for: Make, start: Start, name: str
) -> None:
    settings = settings_for()
    start(settings)
    url = libpq_url(Home(settings.home).stack()["database_url"])
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 1000)")
        connection.commit()
        hanging = _pid(settings, name)
        os.kill(hanging, signal.SIGSTOP)

    wait_until(lambda: _pid(settings, name) not in {0, hanging}, timeout=40, what="started again")
    wait_until(lambda: status.read(settings.home).state == "ready", timeout=20, what="all is well")
    assert identity.birth(hanging) is None
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == (1000,)
    logs = Path(Home(settings.home).stack()["log_dir"])
    assert f"{name}: gives no sign of life" in (logs / "supervisor.log").read_text()
    said = (logs / "postgres.log").read_text()
    assert ("immediate shutdown request" in said) == (name == "postgres")
    assert "incomplete startup packet" not in said, "the probes leave no traces"


def test_what_was_committed_outlives_the_death_of_postgres(
    settings_for: Make, start: Start
) -> None:
    settings = settings_for()
    start(settings)
    url = libpq_url(Home(settings.home).stack()["database_url"])
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 1000)")
            backend = connection.info.backend_pid
            killed = _pid(settings, "postgres")
            # A backend that cannot notice the death holds the shared memory until it is ended.
            os.kill(backend, signal.SIGSTOP)
            os.kill(killed, signal.SIGKILL)
    _wait_for_another(settings, "postgres", killed)
    wait_until(lambda: status.read(settings.home).state == "ready", what="ready again")
    assert identity.birth(backend) is None
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == (1000,)


def test_a_dead_leader_leaves_nobody_of_its_group(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    start(settings)
    worker = _pid(settings, "worker")
    [sleeper] = children_of(worker)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: identity.birth(sleeper) is None, what="its child is gone too")


def test_a_process_that_keeps_dying_is_tried_less_and_less_often(
    settings_for: Make, start: Start
) -> None:
    settings = settings_for()
    start(settings)
    for _ in range(3):
        pid = wait_until(lambda: _pid(settings, "web"), what="web runs")
        os.kill(pid, signal.SIGKILL)
        _wait_for_another(settings, "web", pid)
    text = (Path(Home(settings.home).stack()["log_dir"]) / "supervisor.log").read_text()
    for number, delay in ((1, "0.2"), (2, "0.4"), (3, "0.8")):
        assert f"web: ended by SIGKILL; restart {number} in {delay} s" in text


def test_a_start_after_the_death_of_the_supervisor_takes_over(
    settings_for: Make, start: Start
) -> None:
    settings = settings_for()
    first = start(settings)
    os.kill(first.pid, signal.SIGKILL)
    wait_until(
        lambda: status.read(settings.home).state == "unsupervised", what="seen as unsupervised"
    )
    orphans = {p.pid for p in status.read(settings.home).processes}
    second = start(settings)
    assert second.started_here
    found = status.read(settings.home)
    assert found.state == "ready"
    assert not orphans & {p.pid for p in found.processes}
    assert all(identity.birth(pid) is None for pid in orphans if pid)
    # The agents were left to the new worker.
    assert (settings.home / "order").read_text().split() == ["beat", "worker"]


def test_a_stop_after_the_death_of_the_supervisor_ends_all(
    settings_for: Make, start: Start
) -> None:
    settings = settings_for()
    info = start(settings)
    os.kill(info.pid, signal.SIGKILL)
    wait_until(lambda: identity.birth(info.pid) is None, what="the supervisor is gone")
    assert stack.stop(settings.home)
    assert (settings.home / "order").read_text().split() == ["beat", "worker", "agents"]
    assert processes_in(settings.home) == []
    assert status.read(settings.home).state == "stopped"


def test_everything_killed_at_once_can_be_started_again(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    info = start(settings)
    pids = [info.pid, *(_pid(settings, n) for n in ("postgres", "valkey", "web", "worker", "beat"))]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: identity.birth(info.pid) is None, what="the supervisor is gone")
    orphans = processes_in(settings.home)
    assert start(settings).started_here
    assert status.read(settings.home).state == "ready"
    assert not set(orphans) & set(processes_in(settings.home))


def test_a_supervisor_that_hangs_is_ended_by_a_stop(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    info = start(settings)
    os.kill(info.pid, signal.SIGSTOP)
    assert stack.stop(settings.home, timeout=0.5)
    assert processes_in(settings.home) == []
