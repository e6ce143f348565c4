"""Canaries: whether the queue of each host is really consumed, with real workers and a broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from hephaestus_core.agents import leases
from hephaestus_core.attention.service import inbox
from hephaestus_core.bells import Bell
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts import canaries, service
from hephaestus_core.hosts.rules import CANARY_PATIENCE
from hephaestus_core.summaries.figures import figures
from hephaestus_worker.broker import Broker
from tests.engine import Engine
from tests.integration.host.worker_processes import Workers
from tests.waiting import wait_until


@pytest.fixture
def engine(database_url: str, redis_url: str) -> Iterator[Engine]:
    """A database whose bells go to the broker."""
    broker = Broker(redis_url)

    def ring(bells: list[Bell]) -> None:
        for bell in bells:
            broker.send(bell)

    database = Database(database_url, ringer=ring, connections=4)
    yield Engine(database).with_host("a")
    database.close()


def age(engine: Engine, column: str, seconds: float = CANARY_PATIENCE + 1) -> None:
    """Pretend that what a column tells of was so many seconds earlier."""
    with engine.db.transaction() as session:
        moved = f"UPDATE hosts SET {column} = {column} - make_interval(secs => :seconds)"
        session.execute(text(moved), {"seconds": seconds})


def told(engine: Engine) -> service.HostView:
    [host] = service.list_hosts(engine.db)
    return host


def kinds(engine: Engine) -> list[str]:
    return [item.kind for item in inbox(engine.db).items]


def test_a_queue_that_nobody_consumes_is_told_of_until_a_worker_hears_it(
    engine: Engine, workers: Workers, tmp_path: Path
) -> None:
    canaries.send(engine.db)
    assert canaries.find_late(engine.db) == [], "it has just been sent"
    age(engine, "canary_sent_at")
    canaries.send(engine.db)

    assert canaries.find_late(engine.db) == ["a"], "a second canary does not hide the first"
    assert canaries.find_late(engine.db) == ["a"]

    alarm = told(engine).canary_alarm
    assert alarm is not None
    assert "for over 60 s" in alarm
    assert kinds(engine) == ["host_deaf"]
    assert figures(engine.db).canary_alarms == {"a": 1}
    [event] = engine.events("host.deaf")
    assert event.data["reason"] == alarm

    workers.start(tmp_path / "home", host_name="a").wait_until_it_works()
    wait_until(lambda: told(engine).canary_heard_at, timeout=60, what="the canary is heard")
    assert told(engine).canary_alarm is None
    assert kinds(engine) == []
    assert figures(engine.db).canary_alarms == {"a": 0}
    assert figures(engine.db).canary_ages["a"] < 60
    assert len(engine.events("host.hears")) == 1


def test_a_worker_sends_its_own_canary_past_its_own_ears(
    engine: Engine, workers: Workers, tmp_path: Path
) -> None:
    broker = "redis://127.0.0.1:9/0"  # nobody is there
    workers.start(tmp_path / "home", host_name="a", redis_url=broker).wait_until_it_works()

    def sent() -> bool:
        query = text("SELECT canary_sent_at IS NOT NULL FROM hosts")
        with engine.db.reading() as session:
            return bool(session.scalar(query))

    # Without beat's bell it sends by its own rounds.
    wait_until(sent, timeout=90, what="a canary was sent")
    age(engine, "canary_sent_at")
    late = lambda: told(engine).canary_alarm  # noqa: E731
    wait_until(late, timeout=60, what="the host itself tells that it hears nothing")
    assert told(engine).canary_heard_at is None


def test_silent_and_lost_hosts_are_no_deaf_ones(engine: Engine) -> None:
    canaries.send(engine.db)
    age(engine, "canary_sent_at")
    age(engine, "lease_expires_at", 3600)
    assert canaries.find_late(engine.db) == []
    with engine.db.transaction() as session:
        session.execute(text("UPDATE hosts SET status = 'lost'"))
    leases.renew(engine.db, "a", lease_seconds=60)
    assert told(engine).status == "active"
    assert canaries.find_late(engine.db) == [], "what was sent while it was away does not count"


def test_a_new_worker_does_not_answer_for_the_one_before(engine: Engine) -> None:
    canaries.send(engine.db)
    age(engine, "canary_sent_at")
    engine.with_host("a")
    assert canaries.find_late(engine.db) == []


def test_a_canary_that_was_heard_is_never_late(engine: Engine) -> None:
    canaries.send(engine.db)
    canaries.record_heard(engine.db, "a")
    age(engine, "canary_sent_at", 3600)
    age(engine, "canary_heard_at", 3500)
    assert canaries.find_late(engine.db) == [], "heard after it was sent, whenever that was"
