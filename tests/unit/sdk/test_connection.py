"""What the connection repeats, and what it must not."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from hephaestus_sdk.api.connection import Connection
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.errors import (
    ConfigurationError,
    Forbidden,
    InvalidInput,
    TaskCreationError,
    TaskNotFoundError,
    Unavailable,
)

ID = "7cb4371b-0000-4000-8000-000000000000"
URL = "http://api.test"
Answer = httpx.Response | type[httpx.RequestError]


class Script:
    """Answers requests one after the other, and keeps them."""

    def __init__(self, *answers: Answer) -> None:
        self._answers: Iterator[Answer] = iter(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = next(self._answers)
        if isinstance(answer, httpx.Response):
            return answer
        raise answer("lost", request=request)

    def connection(self, **options: float) -> Connection:
        return Connection(URL, "secret", transport=httpx.MockTransport(self), **options)

    def client(self) -> HephaestusClient:
        return HephaestusClient(URL, "secret", transport=httpx.MockTransport(self))


def ok(**values: object) -> httpx.Response:
    return httpx.Response(200, json=values)


def unavailable() -> httpx.Response:
    return httpx.Response(503, json={"code": "unavailable", "detail": "the database is away"})


Call = Callable[[Connection], object]
get: Call = lambda connection: connection.get("/tasks")  # noqa: E731
put: Call = lambda connection: connection.put("/x", {})  # noqa: E731
keyed: Call = lambda connection: connection.post("/tasks", {}, key="k")  # noqa: E731
plain: Call = lambda connection: connection.post("/tasks/1/restart")  # noqa: E731


@pytest.mark.parametrize("call", [get, put, keyed])
@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError, unavailable]
)
def test_what_can_be_repeated_is_repeated(call: Call, trouble: object) -> None:
    first = trouble() if trouble is unavailable else trouble  # a response can be read only once
    script = Script(first, ok(id="1"))  # type: ignore[arg-type]
    assert call(script.connection()) == {"id": "1"}
    assert len(script.requests) == 2


def test_what_never_arrived_is_repeated_whatever_it_was() -> None:
    script = Script(httpx.ConnectError, ok())
    plain(script.connection())
    assert len(script.requests) == 2


@pytest.mark.parametrize("trouble", [httpx.ReadTimeout, httpx.RemoteProtocolError, unavailable])
def test_what_may_have_been_done_is_not_done_twice(trouble: object) -> None:
    first = trouble() if trouble is unavailable else trouble
    script = Script(first)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        plain(script.connection())
    assert len(script.requests) == 1


def test_a_refusal_is_not_repeated() -> None:
    script = Script(httpx.Response(403, json={"code": "forbidden", "detail": "viewers may not"}))
    with pytest.raises(Forbidden, match="viewers may not"):
        get(script.connection())
    assert len(script.requests) == 1


def test_repetitions_of_a_creation_carry_one_key_and_other_creations_another() -> None:
    script = Script(httpx.ReadTimeout, ok(id="1"), ok(id="2"))
    client = script.client()
    client.create_task(ID, "do it", 1)
    client.create_task(ID, "do it", 1)
    first, again, other = (request.headers["Idempotency-Key"] for request in script.requests)
    assert first == again != other


def test_patience_ends() -> None:
    script = Script(*[httpx.ConnectError] * 50)
    with pytest.raises(Unavailable, match=r"does not answer .*is_healthy"):
        get(script.connection(patience=0.3))
    assert 2 <= len(script.requests) <= 5


def test_a_creation_has_more_patience_since_a_whole_stack_may_be_restarted() -> None:
    away = [httpx.ConnectError] * 3
    assert keyed(Script(*away, ok(id="1")).connection(patience=0.3)) == {"id": "1"}
    with pytest.raises(Unavailable):
        get(Script(*away, ok()).connection(patience=0.3))


def test_the_token_is_sent_and_never_shown() -> None:
    script = Script(ok())
    get(script.connection())
    assert script.requests[0].headers["Authorization"] == "Bearer secret"


@pytest.mark.parametrize("token", ["", "  ", "a b", "ä", "a\nX-Other: 1"])
def test_a_token_that_cannot_be_one_is_refused(token: str) -> None:
    with pytest.raises(ConfigurationError, match="token"):
        Connection(URL, token)


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://host", "http://"])
def test_a_url_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"http://127\.0\.0\.1:8000"):
        Connection(url, None)


@pytest.mark.parametrize("url", [URL, f"{URL}/", f"{URL}/api/v1", f" {URL}/api/v1/"])
def test_urls_may_end_as_people_write_them(url: str) -> None:
    script = Script(ok())
    Connection(url, None, transport=httpx.MockTransport(script)).get("/health")
    assert str(script.requests[0].url) == f"{URL}/api/v1/health"


def test_an_answer_that_is_not_ours_is_explained() -> None:
    script = Script(httpx.Response(200, text="<html>"), httpx.Response(500, text="oops"))
    with pytest.raises(Unavailable, match="not as a Hephaestus API"):
        get(script.connection())
    with pytest.raises(Exception, match="HTTP status 500"):
        get(script.connection())


def test_an_answer_of_another_shape_is_explained() -> None:
    with pytest.raises(Unavailable, match="no Task"):
        Script(ok(name="no id")).client().task(ID)


def test_ids_cannot_leave_their_place_in_the_path() -> None:
    script = Script(ok(id="x", name="x", phases=[{"id": 1, "name": "a", "description": "b"}]))
    script.client().definition("../agents?a=b")
    path = script.requests[0].url.raw_path
    assert path == b"/api/v1/workflow-definitions/..%2Fagents%3Fa%3Db"
    for wrong in ("", ".", ".."):
        with pytest.raises(InvalidInput, match="is no id"):
            script.client().definition(wrong)


def test_a_whole_id_costs_no_look_up_and_a_short_one_costs_one() -> None:
    script = Script(ok(id=ID), ok(kind="task", id=ID), ok(id=ID))
    assert script.client().task(ID.upper()).id == ID
    assert script.client().task(ID[:6]).id == ID
    paths = [request.url.raw_path.decode() for request in script.requests]
    assert paths == [
        f"/api/v1/tasks/{ID}",
        f"/api/v1/ids/{ID[:6]}?kind=task",
        f"/api/v1/tasks/{ID}",
    ]


def test_what_can_be_no_id_is_not_even_sent() -> None:
    for wrong in ("", "..", "hello", "../agents?a=b"):
        with pytest.raises(TaskNotFoundError, match="No task has the id"):
            Script().client().task(wrong)
    with pytest.raises(InvalidInput, match="at least 6 characters"):
        Script().client().task("7cb43")


def test_a_task_that_is_not_there_and_one_that_is_refused() -> None:
    missing = httpx.Response(404, json={"code": "not_found", "detail": "no task t"})
    closed = httpx.Response(409, json={"code": "workflow_closed", "detail": "it is stopped"})
    with pytest.raises(TaskNotFoundError, match="no task t"):
        Script(missing).client().task(ID)
    with pytest.raises(TaskCreationError) as caught:
        Script(closed).client().create_task(ID, "x", 1)
    assert caught.value.code == "workflow_closed"


def test_lists_are_read_page_by_page_to_the_limit() -> None:
    def page(first: int, cursor: str | None) -> httpx.Response:
        return ok(items=[{"id": str(n)} for n in range(first, first + 200)], next_cursor=cursor)

    script = Script(page(0, "a"), page(200, None))
    assert len(script.client().tasks()) == 400
    assert script.requests[1].url.params["cursor"] == "a"
    script = Script(page(0, "a"), ok(items=[{"id": "200"}], next_cursor="b"))
    assert len(script.client().tasks(limit=201)) == 201
    assert script.requests[1].url.params["limit"] == "1"


@pytest.mark.parametrize(
    "call",
    [
        lambda connection: connection.post("/tasks", {"description": "half \ud83d"}),
        lambda connection: connection.put("/x", {"name": "\ud83d"}),
    ],
)
def test_half_a_character_is_refused_before_anything_is_sent(call: Call) -> None:
    script = Script()
    with pytest.raises(InvalidInput, match="one half of a character"):
        call(script.connection())
    assert script.requests == []


def test_half_a_character_in_an_id_finds_nothing() -> None:
    script = Script(httpx.Response(404, json={"code": "not_found", "detail": "no such task"}))
    with pytest.raises(TaskNotFoundError):
        script.client().task("\ud83d")
