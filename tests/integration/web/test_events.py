"""Waiting for events: at once, by many, and through faults."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import emit
from hephaestus_web.live.event_feed import EventFeed
from tests.engine import Engine
from tests.servers import Valkey
from tests.waiting import wait_until
from tests.web_server import WebServer, running_web


def say(database: Database, number: int) -> None:
    """Write one event that carries a number."""
    with database.transaction() as session:
        emit(session, EventType.AGENT_REMINDED, reminders=number)


def end_listeners(database: Database) -> int:
    """End the connections that listen to the log; returns how many there were."""
    with database.transaction() as session:
        query = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        )
        return session.scalar(text(query)) or 0


@pytest.fixture
def newest(api: httpx.Client) -> int:
    """The number to ask after for what happens from now on."""
    number = 0
    while True:
        page = api.get("/api/v1/events", params={"after": number}).json()
        number = page["last_seq"]
        if not page["items"]:
            return int(number)


def test_a_wait_ends_when_something_happens(web: WebServer, api: httpx.Client, newest: int) -> None:
    with ThreadPoolExecutor(1) as pool:
        start = time.monotonic()
        waiting = pool.submit(api.get, "/api/v1/events", params={"after": newest, "wait": 20})
        wait_until(waiting.running, what="the wait begins")
        say(web.database, 1)
        page = waiting.result(20).json()
    assert [event["type"] for event in page["items"]] == ["agent.reminded"]
    assert page["items"][0]["data"] == {"reminders": 1}
    assert page["last_seq"] == page["items"][-1]["seq"] > newest
    assert time.monotonic() - start < 5


def test_what_happened_before_is_answered_at_once(web: WebServer, api: httpx.Client) -> None:
    say(web.database, 1)
    page = api.get("/api/v1/events", params={"after": 0, "wait": 25, "limit": 1}).json()
    assert len(page["items"]) == 1
    assert page["last_seq"] == page["items"][0]["seq"]


def test_a_wait_without_events_ends_by_itself(api: httpx.Client, newest: int) -> None:
    page = api.get("/api/v1/events", params={"after": newest, "wait": 0.2}).json()
    assert page == {"items": [], "last_seq": newest}


def test_a_wait_for_one_workflow_sleeps_through_the_others(
    web: WebServer, api: httpx.Client, newest: int
) -> None:
    engine = Engine(web.database)
    mine, other = engine.start_workflow(), engine.start_workflow()
    query = {"after": newest, "workflow_id": str(mine.id)}
    seen = api.get("/api/v1/events", params=query).json()["last_seq"]
    with ThreadPoolExecutor(1) as pool:
        params = query | {"after": seen, "wait": 20}
        waiting = pool.submit(api.get, "/api/v1/events", params=params)
        for _ in range(5):
            engine.create(workflow_id=other.id)
        engine.create("mine", workflow_id=mine.id)
        events = waiting.result(20).json()["items"]
    assert {event["workflow_id"] for event in events} == {str(mine.id)}


@pytest.mark.parametrize("query", [{"wait": "26"}, {"wait": "-1"}, {"wait": "nan"}, {"after": "x"}])
def test_a_wait_out_of_bounds_is_refused(api: httpx.Client, query: dict[str, str]) -> None:
    refused = api.get("/api/v1/events", params=query)
    assert (refused.status_code, refused.json()["field"]) == (422, next(iter(query)))


def test_forty_followers_see_every_event_once_and_in_order(web: WebServer, newest: int) -> None:
    number_of_events = 60
    start = threading.Barrier(41)

    def follow(_: int) -> list[int]:
        seen: list[int] = []
        after = newest
        with web.client() as client:
            start.wait(30)
            while len(seen) < number_of_events:
                query = {"after": after, "wait": 20}
                page = client.get("/api/v1/events", params=query).raise_for_status().json()
                after = page["last_seq"]
                seen += [
                    e["data"]["reminders"] for e in page["items"] if e["type"] == "agent.reminded"
                ]
        return seen

    with ThreadPoolExecutor(40) as pool:
        followers = [pool.submit(follow, number) for number in range(40)]
        start.wait(30)
        for number in range(number_of_events):
            say(web.database, number)
        for follower in followers:
            assert follower.result(60) == list(range(number_of_events))


def test_a_lost_listener_comes_back_and_misses_nothing(
    web: WebServer, api: httpx.Client, newest: int
) -> None:
    wait_until(lambda: end_listeners(web.database), what="the listener is there and ended")
    say(web.database, 2)
    page = api.get("/api/v1/events", params={"after": newest, "wait": 20}).json()
    assert [event["type"] for event in page["items"]] == ["agent.reminded"]
    wait_until(lambda: end_listeners(web.database), what="the listener is back")
    with ThreadPoolExecutor(1) as pool:
        query = {"after": page["last_seq"], "wait": 20}
        waiting = pool.submit(api.get, "/api/v1/events", params=query)
        say(web.database, 3)
        assert [e["data"]["reminders"] for e in waiting.result(20).json()["items"]] == [3]


def test_waits_cost_the_database_no_connections(web: WebServer, newest: int) -> None:
    def connections() -> int:
        with web.database.reading() as session:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            return session.scalar(text(query)) or 0

    def wait_once(_: int) -> None:
        with web.client() as client:
            client.get("/api/v1/events", params={"after": newest, "wait": 3}).raise_for_status()

    with ThreadPoolExecutor(60) as pool:
        waiting = [pool.submit(wait_once, number) for number in range(60)]
        wait_until(
            lambda: all(future.running() for future in waiting) and connections() < 30,
            what="sixty wait on few connections",
        )


def test_a_memory_too_short_falls_back_on_the_log(database_url: str) -> None:
    database = Database(database_url)
    feed = EventFeed(database, remembered=3)
    feed.start()
    for number in range(20):
        say(database, number)
    wait_until(lambda: feed.newest >= 20, what="the feed has read them all")
    events, last_seq = feed.read(5, limit=100, wait=0)
    assert [event.data["reminders"] for event in events] == list(range(5, 20))
    assert last_seq == events[-1].seq
    assert len(feed._from_memory(feed.newest - 3, 100, None)) == 3
    assert len(feed._from_memory(feed.newest - 5, 100, None)) == 5
    feed.close()
    database.close()


def test_followers_get_what_was_written_while_the_listener_was_away(database_url: str) -> None:
    database = Database(database_url)
    feed = EventFeed(database)
    seen: list[int] = []
    feed.tell(lambda events: seen.extend(event.data["reminders"] for event in events))
    feed.start()
    wait_until(lambda: feed._begun, what="the feed follows the log")
    for number in range(0, 12, 3):
        say(database, number)
        wait_until(lambda: end_listeners(database), what="the listener is there and ended")
        say(database, number + 1)
        say(database, number + 2)
    wait_until(lambda: len(seen) >= 12, timeout=20, what="all have been told")
    assert seen == list(range(12))
    feed.close()
    database.close()


def test_a_stop_ends_all_waits_at_once(
    database_url: str, valkey_server: Valkey, tmp_path: Path
) -> None:
    with (
        running_web(tmp_path, database_url, valkey_server.next_url()) as web,
        web.client() as client,
        ThreadPoolExecutor(1) as pool,
    ):
        query = {"after": 10**6, "wait": 25}
        waiting = pool.submit(client.get, "/api/v1/events", params=query)
        wait_until(waiting.running, what="the wait begins")
        wait_until(lambda: client.get("/api/v1/health").is_success, what="it is still served")
        start = time.monotonic()
        web.process.terminate()
        assert waiting.result(20).json()["items"] == []
        assert web.process.wait(15) == 0
        assert time.monotonic() - start < 20  # less than the wait of 25 s


def test_before_the_feed_has_begun_the_log_answers_those_who_wait(web: WebServer) -> None:
    feed = EventFeed(web.database)
    Engine(web.database).start_workflow()
    events, last = feed.read(0, limit=500, wait=0.1)
    assert events
    assert last == events[-1].seq
