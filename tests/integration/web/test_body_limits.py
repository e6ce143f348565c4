"""Bodies that are huge, deep, slow or cut short: refused within bounds, and nothing changed."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

from tests.integration.web.test_bad_input import JSON, assert_problem
from tests.servers import Postgres
from tests.web_server import ADMIN, WebServer, running_web

HEAD = (
    b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer " + ADMIN.encode() + b"\r\n"
)


@pytest.fixture(scope="module")
def hasty(
    postgres_server: Postgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    """A web process that gives a request one second to come."""
    url = postgres_server.create_database(migrated_template)
    folder = tmp_path_factory.mktemp("hasty")
    with running_web(folder, url, None, "-k", "tests.hasty_worker.HastyWorker") as server:
        yield server
    postgres_server.drop_database(url)


@contextmanager
def connected(web: WebServer) -> Iterator[socket.socket]:
    """Connect without any client that knows HTTP."""
    host, port = web.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        yield connection


def answer_on(connection: socket.socket) -> bytes:
    """Return all that comes until the server hangs up."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def test_a_huge_body_in_chunks_is_refused_before_it_has_come(
    api: httpx.Client, workflow: dict[str, Any]
) -> None:
    refused = api.post("/api/v1/tasks", content=(b"x" * 65536 for _ in range(64)), headers=JSON)
    assert_problem(refused, 413, "body_too_large")


def test_a_connection_serves_on_after_a_body_that_was_refused(web: WebServer) -> None:
    """Though the server does not look at the rest of it: a client sends its next request there."""
    told = {"Authorization": f"Bearer {ADMIN}", **JSON}
    connection = HTTPConnection(web.url.removeprefix("http://"), timeout=60)
    for size in (1_050_000, 1_500_000) * 5:
        connection.request("POST", "/api/v1/tasks", b"x" * size, told)
        refused = connection.getresponse()
        assert (refused.status, refused.read()[:1]) == (413, b"{")
        connection.request("GET", "/api/v1/vectors", headers=told)
        answered = connection.getresponse()
        assert (answered.status, answered.read()[:1]) == (200, b"{")
    connection.close()


@pytest.mark.parametrize("depth", [51, 400, 900, 5000, 100_000])
@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_a_deep_body_is_refused_wherever_it_is_deep(
    api: httpx.Client, workflow: dict[str, Any], depth: int, pair: tuple[str, str]
) -> None:
    deep = pair[0] * depth + "1" + pair[1] * depth
    body = f'{{"definition_id": "two-phases", "launch_params": {{"thing": {deep}}}}}'
    refused = api.post("/api/v1/workflows", content=body, headers=JSON)
    assert "nested" in assert_problem(refused, 400, "malformed_request")["detail"]


def test_a_body_that_is_cut_short_changes_nothing(
    web: WebServer, api: httpx.Client, workflow: dict[str, Any]
) -> None:
    body = f'{{"workflow_id": "{workflow["id"]}", "phase_id": 1, "description": "x"}}'.encode()
    with connected(web) as connection:
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % (len(body) + 1) + body)
        connection.shutdown(socket.SHUT_WR)
        assert answer_on(connection).startswith(b"HTTP/1.1 400 ")
    assert api.get(f"/api/v1/workflows/{workflow['id']}").json()["live_tasks"] == 1


@pytest.mark.parametrize(
    "sent",
    [
        HEAD,
        HEAD + b"Content-Length: 1000\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n",
    ],
    ids=["head", "body", "chunk"],
)
def test_a_client_that_sends_a_byte_now_and_then_is_let_go(hasty: WebServer, sent: bytes) -> None:
    began = time.monotonic()
    with connected(hasty) as connection:
        connection.sendall(sent)
        connection.settimeout(0.1)
        while time.monotonic() < began + 15:
            try:
                connection.sendall(b"x")
                if connection.recv(65536) == b"":
                    break
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                break
    assert time.monotonic() - began < 10


def test_a_client_that_does_not_read_its_answers_is_let_go(hasty: WebServer) -> None:
    began = time.monotonic()
    with connected(hasty) as connection, pytest.raises((ConnectionResetError, BrokenPipeError)):
        ask_until(connection, began + 20)
    assert time.monotonic() - began < 15


def ask_until(connection: socket.socket, deadline: float) -> None:
    """Ask for more and more, and read nothing of it."""
    ask = b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n"
    connection.settimeout(0.2)
    while time.monotonic() < deadline:
        with suppress(TimeoutError):
            connection.sendall(ask % ADMIN.encode())


def test_a_client_in_no_hurry_between_requests_is_kept(hasty: WebServer) -> None:
    with hasty.client() as client:
        first = client.get("/api/v1/events", params={"wait": 2})
        assert (first.status_code, first.json()["items"]) == (200, [])
        connection = first.extensions["network_stream"]
        second = client.get("/api/v1/health")
        assert second.extensions["network_stream"] is connection
