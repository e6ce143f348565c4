"""Beat on a real broker: it rings the bells that are due, and sleeps in between."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import text

from hephaestus_core.bells import (
    BROKER_KEY_PREFIX,
    CONTROL_QUEUE,
    MOST_WAITING,
    Bell,
    CeleryTaskName,
)
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_worker.beat import beat
from hephaestus_worker.broker import Broker
from hephaestus_worker.schedule import Entry
from tests.integration.host.worker_processes import Workers
from tests.waiting import wait_until
from tests.wrong_clocks import shifted

RINGS = 10
ROOT = Path(__file__).parents[3]
QUEUE = f"{BROKER_KEY_PREFIX}{CONTROL_QUEUE}"


@contextmanager
def running_beat(
    home: Path, redis_url: str, *, ahead: float = 0.0, **settings: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the process of beat with an environment of a container: a home, and nothing in it."""
    environment = {k: v for k, v in shifted(ahead).items() if not k.startswith("HEPHAESTUS_")}
    given = {"HOME": home, "REDIS_URL": redis_url, "RECONCILE_SECONDS": 0.1}
    given |= {name.upper(): value for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "hephaestus_worker.beat"],
        env=environment | {f"HEPHAESTUS_{name}": str(value) for name, value in given.items()},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_process_rings_on_a_fresh_home_and_on_the_same_home_again(
    redis_url: str, tmp_path: Path
) -> None:
    home = tmp_path / "fresh" / "home"
    with contextlib.closing(redis.Redis.from_url(redis_url)) as broker:
        for _ in range(2):
            heard = broker.llen(QUEUE)
            with running_beat(home, redis_url) as process:
                wait_until(
                    lambda heard=heard, process=process: (
                        process.poll() is not None or broker.llen(QUEUE) >= heard + RINGS
                    ),
                    timeout=60,
                    what="beat rang",
                )
                assert process.poll() is None, "beat lives"
                process.terminate()
                assert process.wait(30) == 0
    assert HomeLayout(home).ready_file("beat").exists()


@pytest.mark.parametrize("ahead", [3600.0, -3600.0], ids=["ahead", "behind"])
def test_a_bell_of_a_wrong_clock_holds_no_time_by_which_it_could_be_thrown_away(
    redis_url: str, tmp_path: Path, ahead: float
) -> None:
    with (
        contextlib.closing(redis.Redis.from_url(redis_url)) as broker,
        running_beat(tmp_path, redis_url, ahead=ahead),
    ):
        wait_until(lambda: broker.llen(QUEUE), timeout=60, what="beat rang")
        headers = json.loads(broker.lrange(QUEUE, 0, 0)[0])["headers"]
        assert (headers["expires"], headers["eta"]) == (None, None)


def test_bells_that_nobody_hears_pile_up_to_a_bound(redis_url: str) -> None:
    broker = Broker(redis_url)
    for _ in range(MOST_WAITING + 20):
        broker.send(Bell(CeleryTaskName.RECONCILE_HOSTS, CONTROL_QUEUE))
    broker.send(Bell(CeleryTaskName.RECONCILE_HOST, "host.a"))
    with contextlib.closing(redis.Redis.from_url(redis_url)) as server:
        assert server.llen(QUEUE) == MOST_WAITING
        assert server.llen(f"{BROKER_KEY_PREFIX}host.a") == 1
        assert int(server.memory_usage(QUEUE)) < 1024 * 1024


#: Notes each end of a sweep.
SWEEPS_NOTED = """
    CREATE TABLE sweeps_noted (at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE FUNCTION note_sweep() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO sweeps_noted DEFAULT VALUES; RETURN NULL; END $$;
    CREATE TRIGGER note_sweep AFTER UPDATE OF swept_at ON hosts FOR EACH ROW
        EXECUTE FUNCTION note_sweep();
"""
INTERVAL = 4


def test_two_beats_lead_to_one_sweep_in_each_interval(
    database_url: str, redis_url: str, tmp_path: Path, workers: Workers
) -> None:
    with (
        contextlib.closing(Database(database_url, connections=2)) as db,
        running_beat(tmp_path / "one", redis_url, monitoring_interval=INTERVAL),
    ):
        with db.transaction() as session:
            session.execute(text(SWEEPS_NOTED))
        worker = workers.start(tmp_path / "a", host_name="a", monitoring_interval=INTERVAL)
        worker.wait_until_it_works()

        def noted() -> int:
            with db.reading() as session:
                return int(session.scalar(text("SELECT count(*) FROM sweeps_noted")) or 0)

        first = wait_until(noted, timeout=60, what="a sweep")
        half = time.monotonic() + INTERVAL / 2
        wait_until(lambda: time.monotonic() > half, what="half an interval")
        with running_beat(tmp_path / "two", redis_url, monitoring_interval=INTERVAL):
            began, before = time.monotonic(), noted()
            wait_until(lambda: noted() >= first + 6, timeout=120, what="six more sweeps")
            intervals = (time.monotonic() - began) / INTERVAL
        assert noted() - before <= 1.2 * intervals + 1


def test_it_sleeps_until_the_next_entry_is_due_and_makes_up_for_nothing() -> None:
    stopping, rung = threading.Event(), list[Bell]()
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1

    def ring(bells: list[Bell]) -> None:
        rung.extend(bells)
        if len(rung) >= RINGS:
            stopping.set()

    entries = (Entry("often", "often", 0.05), Entry("rarely", "rarely", 3600.0))
    beat(entries, ring=ring, show_life=look, stopping=stopping)
    assert rung == [Bell("often", CONTROL_QUEUE)] * RINGS
    assert looks <= 2 * RINGS
