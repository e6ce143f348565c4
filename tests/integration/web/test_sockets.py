"""Live events over Socket.IO, with the official Python client."""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import redis
import simple_websocket
import socketio
from socketio.exceptions import ConnectionError as NotConnected
from sqlalchemy import text
from werkzeug.serving import make_server

from hephaestus_core.contract.events import EventType
from hephaestus_core.events.log import emit
from hephaestus_core.settings.config import load_settings
from hephaestus_core.terminals.wire import orders_key
from hephaestus_web.app import create_app
from hephaestus_web.live.permits import UNKNOWN_CONNECTIONS, WAITING_CLIENTS
from hephaestus_web.live.sockets import _TRUST_SECONDS
from tests.engine import Engine
from tests.servers import Valkey
from tests.waiting import wait_until
from tests.web_server import ADMIN, WebServer, running_web

Received = queue.Queue[tuple[str, Any]]
Stay = Callable[[str, str], AbstractContextManager[None]]


@contextmanager
def connected(web: WebServer, transport: str, **auth: Any) -> Iterator[Received]:
    """Connect; yields what arrives."""
    received: Received = queue.Queue()
    client = socketio.Client(reconnection=False, handle_sigint=False)
    client.on("*", lambda name, data: received.put((name, data)))
    client.connect(web.url, auth=auth, transports=[transport], wait_timeout=10)
    try:
        yield received
    finally:
        client.disconnect()


def say(web: WebServer, number: int, workflow_id: UUID | None = None) -> None:
    """Write one event."""
    with web.database.transaction() as session:
        emit(session, EventType.AGENT_REMINDED, workflow_id=workflow_id, reminders=number)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_events_arrive_in_order_after_the_greeting(web: WebServer, transport: str) -> None:
    with connected(web, transport, token=ADMIN) as received:
        name, hello = received.get(timeout=10)
        assert name == "hello"
        for number in range(5):
            say(web, number)
        events = [received.get(timeout=10) for _ in range(5)]
    assert [name for name, _ in events] == ["event"] * 5
    assert [event["data"]["reminders"] for _, event in events] == list(range(5))
    assert all(event["seq"] > hello["last_seq"] for _, event in events)


def test_keys_reach_the_host_in_the_order_in_which_they_were_typed(web: WebServer) -> None:
    host = f"host-{uuid4()}"
    engine = Engine(web.database).with_host(host)
    engine.start_workflow()
    engine.create("Listen to a person.")
    agent = engine.run(engine.claimed(host))
    typed = "no key overtakes another one " * 10
    client = socketio.SimpleClient(reconnection=False, handle_sigint=False)
    with client:
        client.connect(web.url, auth={"token": ADMIN}, transports=["websocket"])
        taken = client.call("take_keyboard", {"agent_id": str(agent.id)}, timeout=30)
        assert "error" not in taken
        for letter in typed:
            client.emit("press_keys", {"agent_id": str(agent.id), "text": letter})
        assert web.redis_url is not None
        with redis.Redis.from_url(web.redis_url) as known:
            orders = orders_key(host)
            wait_until(lambda: known.xlen(orders) == len(typed), timeout=60, what="all keys sent")
            keys = [order[b"keys"].decode() for _, order in known.xrange(orders)]
    assert "".join(keys) == typed


def test_pages_hear_that_something_changed_and_no_more(web: WebServer) -> None:
    mine, other = uuid4(), uuid4()
    follow = ["all", "strip", str(mine)]
    with ExitStack() as all_:
        pages = [
            all_.enter_context(connected(web, "websocket", token=ADMIN, follow=each))
            for each in follow
        ]
        hellos = [page.get(timeout=10) for page in pages]
        assert [name for name, _ in hellos] == ["hello"] * 3
        # The first page may still hear of an earlier test, before the last one is there.
        begun = hellos[-1][1]["last_seq"]
        heard: dict[str, list[str]] = {each: [] for each in follow}
        for number, about in enumerate((mine, other)):
            say(web, number, about)
            for each, page in zip(follow, pages, strict=True):
                heard[each] += _until_quiet(page, begun)
    assert heard["strip"] == ["news", "news"]
    assert heard["all"] == ["news", "changed"] * 2
    assert heard[str(mine)] == ["news", "changed", "news"]


def _until_quiet(received: Received, after: int) -> list[str]:
    """Return the names of messages until none has come for a while; each bears only a number.

    Numbers up to ``after`` do not count.
    """
    names: list[str] = []
    try:
        while True:
            name, data = received.get(timeout=0.5 if names else 10)
            assert isinstance(data, int)
            if data > after:
                names.append(name)
    except queue.Empty:
        return names


def test_whoever_follows_nothing_that_there_is_is_refused(web: WebServer) -> None:
    for follow in ("events", 7, ["x"]):
        with pytest.raises(NotConnected), connected(web, "websocket", token=ADMIN, follow=follow):
            pass


def test_a_connection_ends_with_its_token(web: WebServer) -> None:
    with web.client() as api:
        made = api.post("/api/v1/tokens", json={"name": "live", "role": "viewer"}).json()
    client = socketio.Client(reconnection=False, handle_sigint=False)
    client.connect(web.url, auth={"token": made["token"]}, transports=["websocket"])
    say(web, 1)
    assert client.connected
    with web.client() as api:
        api.post("/api/v1/tokens/live/revoke").raise_for_status()
    # Nothing more happens.
    wait_until(lambda: not client.connected, timeout=20, what="its connection is ended")


def test_events_go_on_while_tokens_cannot_be_looked_up(web: WebServer) -> None:
    def rename(old: str, new: str) -> None:
        with web.database.transaction() as session:
            session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    with connected(web, "websocket", token=ADMIN) as received:
        received.get(timeout=10)
        rename("api_tokens", "elsewhere")
        try:
            start, number = time.monotonic(), 1000
            while time.monotonic() < start + 2 * _TRUST_SECONDS:
                say(web, number)
                while received.get(timeout=5)[1]["data"] != {"reminders": number}:
                    pass  # an event of the test before
                number += 1
        finally:
            rename("elsewhere", "api_tokens")


def test_a_token_that_is_narrowed_to_something_else_hears_nothing(web: WebServer) -> None:
    with web.client() as api:
        body = {"name": "narrow", "role": "admin", "scopes": ["tasks"]}
        made = api.post("/api/v1/tokens", json=body).json()
    with pytest.raises(NotConnected), connected(web, "websocket", token=made["token"]):
        pass


@pytest.mark.parametrize("auth", [{}, {"token": "wrong"}, {"token": 7}, {"token": ["x"]}])
@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_whoever_has_no_token_hears_nothing(
    web: WebServer, transport: str, auth: dict[str, Any]
) -> None:
    with pytest.raises(NotConnected), connected(web, transport, **auth):
        pass


def test_another_web_page_cannot_connect(web: WebServer) -> None:
    client = socketio.Client(reconnection=False, handle_sigint=False)
    with pytest.raises(NotConnected):
        client.connect(
            web.url,
            auth={"token": ADMIN},
            headers={"Origin": "http://evil.example"},
            transports=["polling"],
        )


def test_an_event_arrives_soon(web: WebServer) -> None:
    with connected(web, "websocket", token=ADMIN) as received:
        received.get(timeout=10)
        times = []
        for number in range(20):
            start = time.monotonic()
            say(web, number)
            received.get(timeout=10)
            times.append(time.monotonic() - start)
    assert sorted(times)[10] < 0.3


def test_a_stop_closes_live_connections_at_once(
    database_url: str, valkey_server: Valkey, tmp_path: Path
) -> None:
    with running_web(tmp_path, database_url, valkey_server.next_url()) as web, ExitStack() as all_:
        for transport in ["websocket"] * 10 + ["polling"] * 2:
            all_.enter_context(connected(web, transport, token=ADMIN)).get(timeout=10)
        start = time.monotonic()
        web.process.terminate()
        assert web.process.wait(15) == 0
        assert time.monotonic() - start < 8


def test_two_processes_serve_websockets_with_the_same_events(
    database_url: str, valkey_server: Valkey, tmp_path: Path
) -> None:
    with running_web(tmp_path, database_url, valkey_server.next_url(), "-w", "2") as web:
        with pytest.raises(NotConnected), connected(web, "polling", token=ADMIN):
            pass
        with (
            connected(web, "websocket", token=ADMIN) as one,
            connected(web, "websocket", token=ADMIN) as two,
            connected(web, "websocket", token=ADMIN) as three,
        ):
            for received in (one, two, three):
                assert received.get(timeout=10)[0] == "hello"
            say(web, 1)
            for received in (one, two, three):
                assert received.get(timeout=10)[1]["data"] == {"reminders": 1}


def test_a_connection_that_does_not_say_who_it_is_is_ended(web: WebServer) -> None:
    silent = _raw_websocket(web)
    assert json.loads(str(silent.receive(10))[1:])["sid"]
    with pytest.raises(simple_websocket.ConnectionClosed):
        _read_to_the_end(silent)


def test_those_who_do_not_say_who_they_are_take_no_place_from_others(web: WebServer) -> None:
    with web.client(None) as strangers, web.client() as api:
        opened = [
            strangers.get("/socket.io/", params={"EIO": "4", "transport": "polling"}).status_code
            for _ in range(WAITING_CLIENTS)
        ]
        assert opened.count(200) <= UNKNOWN_CONNECTIONS
        assert api.get("/api/v1/events", params={"wait": "0.1"}).status_code == 200

    def is_let_in() -> bool:
        try:
            with connected(web, "websocket", token=ADMIN) as received:
                return received.get(timeout=10)[0] == "hello"
        except NotConnected:
            return False

    wait_until(is_let_in, timeout=15, what="those who say nothing are ended")


@contextmanager
def over_websocket(url: str, token: str) -> Iterator[None]:
    """Stay connected as the official client does, then leave."""
    client = socketio.Client(reconnection=False, handle_sigint=False)
    client.connect(url, auth={"token": token}, transports=["websocket"])
    yield
    client.disconnect()


@contextmanager
def over_polling(url: str, token: str) -> Iterator[None]:
    """Stay connected by the protocol itself, then say that one leaves.

    The official client sometimes drops that word when it leaves right after it came.
    """
    with httpx.Client(base_url=url, params={"EIO": "4", "transport": "polling"}) as http:
        opened = json.loads(http.get("/socket.io/").text[1:])
        http.params = http.params.set("sid", opened["sid"])
        http.post("/socket.io/", content=f"40{json.dumps({'token': token})}").raise_for_status()
        yield
        http.post("/socket.io/", content="1").raise_for_status()


@pytest.mark.parametrize("stay", [over_websocket, over_polling])
def test_clients_that_leave_give_their_places_back(
    database_url: str, stay: Stay, tmp_path: Path
) -> None:
    settings = load_settings(environ={}, overrides={"home": tmp_path, "database_url": database_url})
    app = create_app(settings)
    running = app.extensions["running"]
    running.start()
    connections = running.sockets._connections
    pools = (connections._known, connections._unknown)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def occupied() -> tuple[int, ...]:
        return tuple(pool.held for pool in pools)

    with stay(f"http://127.0.0.1:{server.port}", running.admin_token):
        wait_until(
            lambda: occupied() == (1, 0), what="a known client holds a permit, and no unknown one"
        )
    wait_until(lambda: occupied() == (0, 0), what="the place is free")
    running.close()
    server.shutdown()
    server.server_close()


def _raw_websocket(web: WebServer) -> simple_websocket.Client:
    url = web.url.replace("http", "ws")
    return simple_websocket.Client(f"{url}/socket.io/?EIO=4&transport=websocket")


def _read_to_the_end(client: simple_websocket.Client) -> None:
    while client.receive(20) is not None:
        pass
    raise AssertionError("The connection was still open after 20 s.")


def test_none_of_this_was_a_fault_of_ours(web: WebServer) -> None:
    assert "Traceback" not in web.log.read_text()
