"""Tokens over the API, and what the audit log says of those who use them."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from hephaestus_core.access.service import ensure_token
from tests.engine import Engine
from tests.integration.web.browsing import browser, hidden, log_in
from tests.integration.web.test_bad_input import assert_problem
from tests.web_server import ADMIN, WebServer

Json = dict[str, Any]


def make(api: httpx.Client, **values: Any) -> Json:
    """Make a token."""
    answer = api.post(
        "/api/v1/tokens", json={"name": f"t-{uuid4().hex}", "role": "viewer"} | values
    )
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


def log_of(api: httpx.Client, actor: str) -> list[Json]:
    """Return what the audit log says of somebody, newest first."""
    items = api.get("/api/v1/audit", params={"limit": 200}).json()["items"]
    return [item for item in items if item["actor"] == actor]


@pytest.fixture
def operator(web: WebServer, api: httpx.Client) -> Iterator[tuple[str, httpx.Client]]:
    """The name and the client of somebody new."""
    made = make(api, role="operator")
    with web.client(made["token"]) as client:
        yield made["name"], client


def test_a_token_lives_from_its_making_to_its_end(web: WebServer, api: httpx.Client) -> None:
    made = make(api, scopes=["read"], expires_in=3600)
    with web.client(made["token"]) as client:
        assert client.get("/api/v1/hosts").status_code == 200
        listed = {item["name"]: item for item in api.get("/api/v1/tokens").json()["items"]}
        assert listed[made["name"]] == {k: v for k, v in made.items() if k != "token"} | {
            "last_used_at": listed[made["name"]]["last_used_at"]
        }
        assert listed[made["name"]]["last_used_at"] is not None
        revoked = api.post(f"/api/v1/tokens/{made['name']}/revoke").json()
        assert revoked["revoked_at"] is not None
        assert client.get("/api/v1/hosts").status_code == 401
    assert made["name"] not in api.get("/api/v1/tokens").text
    again = api.post(f"/api/v1/tokens/{made['name']}/revoke")
    assert_problem(again, 404, "not_found")


def test_a_login_ends_with_its_token(web: WebServer, api: httpx.Client) -> None:
    made = make(api)
    with browser(web) as client:
        log_in(client, made["token"])
        assert client.get("/").status_code == 200
        api.post(f"/api/v1/tokens/{made['name']}/revoke").raise_for_status()
        turned_away = client.get("/")
        assert (turned_away.status_code, turned_away.headers["Location"]) == (302, "/login?next=/")
        assert client.get("/login").status_code == 200


def test_a_secret_is_in_no_other_answer_and_no_log(web: WebServer, api: httpx.Client) -> None:
    secret = make(api)["token"]
    for path in ("tokens", "audit?limit=200", "events"):
        assert secret not in api.get(f"/api/v1/{path}").text
    assert secret not in web.log.read_text()


def test_events_of_tokens_tell_a_viewer_nothing_of_them(web: WebServer, api: httpx.Client) -> None:
    viewer = make(api)
    with web.client(viewer["token"]) as client:
        after = client.get("/api/v1/events", params={"after": "latest"}).json()["last_seq"]
        made = make(api, role="admin")
        api.post(f"/api/v1/tokens/{made['name']}/revoke").raise_for_status()
        events = client.get("/api/v1/events", params={"after": after}).json()["items"]
    assert [event["type"] for event in events] == ["token.created", "token.revoked"]
    assert [list(event["data"]) for event in events] == [["token_id"], ["token_id"]]
    assert events[0]["data"] == events[1]["data"]


def test_a_narrowed_token_does_what_its_scopes_say_and_gives_no_more(
    web: WebServer, api: httpx.Client, workflow: Json
) -> None:
    made = make(api, role="admin", scopes=["tasks", "access"])
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "x"}
    with web.client(made["token"]) as client:
        assert client.post("/api/v1/tasks", json=body).status_code == 201
        refused = assert_problem(client.get("/api/v1/tasks"), 403, "forbidden")
        assert "the scope read" in refused["detail"]
        wider = client.post("/api/v1/tokens", json={"name": "wider", "role": "admin"})
        assert_problem(wider, 403, "forbidden")
        with pytest.raises(AssertionError):
            make(client, scopes=["tasks", "hosts"])
        assert make(client, scopes=["tasks"])["created_by"] == made["name"]


def test_each_change_is_recorded_with_who_what_and_where_from(
    api: httpx.Client, operator: tuple[str, httpx.Client], workflow: Json
) -> None:
    name, client = operator
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "hush"}
    key = str(uuid4())
    task = client.post("/api/v1/tasks", json=body, headers={"Idempotency-Key": key}).json()
    client.get(f"/api/v1/tasks/{task['id']}")
    client.post(f"/api/v1/tasks/{task['id']}/cancel", json={"reason": "hush"})
    client.post(f"/api/v1/tasks/{task['id']}/cancel")
    seen = log_of(api, name)
    assert [(e["action"], e["status"]) for e in seen] == [
        ("tasks.cancel_task", 409),
        ("tasks.cancel_task", 200),
        ("tasks.create_task", 201),
    ]
    assert seen[0]["target"] == {"task_id": task["id"]}
    assert seen[2]["target"] == {"created": task["id"]}
    assert seen[2]["idempotency_key"] == key
    assert {(e["role"], e["address"]) for e in seen} == {("operator", "127.0.0.1")}
    assert "hush" not in str(seen)


@pytest.mark.parametrize("identity", ["%00", "%1b%5b2J", "x" * 3000])
def test_no_text_in_a_path_keeps_its_request_out_of_the_log(
    api: httpx.Client, operator: tuple[str, httpx.Client], identity: str
) -> None:
    name, client = operator
    assert client.put(f"/api/v1/workflow-definitions/{identity}", json={}).status_code == 422
    [entry] = log_of(api, name)
    assert len(entry["target"]["definition_id"]) <= 200
    assert entry["target"]["definition_id"].isprintable()


def test_who_was_refused_is_recorded_as_far_as_they_are_known(
    web: WebServer, api: httpx.Client, operator: tuple[str, httpx.Client], workflow: Json
) -> None:
    name, client = operator
    assert client.post("/api/v1/hosts/a/drain", json={"drain": True}).status_code == 403
    api.post(f"/api/v1/tokens/{name}/revoke").raise_for_status()
    assert client.post("/api/v1/tasks", json={}).status_code == 401
    assert client.post("/mcp", json={}).status_code == 401
    assert [(e["action"], e["status"]) for e in log_of(api, name)] == [
        ("mcp.call", 401),
        ("tasks.create_task", 401),
        ("hosts.drain_host", 403),
    ]
    engine = Engine(web.database).with_host("a", slots=50)
    agent = engine.run(engine.claimed(), token="an agent's")
    with web.client("an agent's") as pretender:
        assert pretender.post("/api/v1/tasks", json={}).status_code == 401
    [entry] = log_of(api, f"agent {agent.id}")
    assert (entry["role"], entry["status"]) == ("agent", 401)


def test_what_has_no_id_of_its_own_is_recorded_without_one(
    api: httpx.Client, operator: tuple[str, httpx.Client], workflow: Json
) -> None:
    name, client = operator
    path = f"/api/v1/workflows/{workflow['id']}/messages"
    assert client.post(path, json={"text": "hush"}).status_code == 201
    [entry] = log_of(api, name)
    assert entry["target"] == {"workflow_id": workflow["id"]}


def test_tries_with_a_token_that_is_no_good_any_more_are_recorded_wherever_they_come(
    web: WebServer, api: httpx.Client, workflow: Json
) -> None:
    made = make(api, role="operator")
    name, token = made["name"], made["token"]
    stop = f"/workflows/{workflow['id']}/stop"
    with browser(web) as client, web.client(token) as program:
        log_in(client, token)
        api.post(f"/api/v1/tokens/{name}/revoke").raise_for_status()
        assert client.post(stop).headers["Location"].startswith("/login")
        assert log_in(client, token).status_code == 401
        with web.database.transaction() as session:
            beyond = "INSERT INTO wrong_tokens VALUES (:door, '127.0.0.1', 1000, now())"
            update = " ON CONFLICT (door, address) DO UPDATE SET number = 1000"
            for door in ("login", "api"):
                session.execute(text(beyond + update), {"door": door})
        try:
            assert log_in(client, token).status_code == 429
            assert program.post("/api/v1/tasks", json={}).status_code == 429
            assert program.post("/mcp", json={}).status_code == 429
        finally:
            with web.database.transaction() as session:
                session.execute(text("DELETE FROM wrong_tokens"))
    assert [(e["action"], e["status"]) for e in log_of(api, name)] == [
        ("mcp.call", 429),
        ("tasks.create_task", 429),
        ("pages.log_in", 429),
        ("pages.log_in", 401),
        ("pages.stop", 401),
        ("pages.log_in", 303),
    ]


def test_a_record_that_cannot_be_written_undoes_nothing_and_is_logged(
    web: WebServer, operator: tuple[str, httpx.Client], workflow: Json
) -> None:
    name, client = operator
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "hush"}
    rename(web, "audit", "audit_away")
    try:
        made = client.post("/api/v1/tasks", json=body)
    finally:
        rename(web, "audit_away", "audit")
    assert made.status_code == 201
    assert client.get(f"/api/v1/tasks/{made.json()['id']}").status_code == 200
    [line] = [line for line in web.log.read_text().splitlines() if name in line]
    assert "audit record not written" in line
    assert "tasks.create_task" in line
    assert "hush" not in line


def rename(web: WebServer, table: str, new: str) -> None:
    with web.database.transaction() as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO {new}"))


def test_a_stranger_writes_nothing_into_the_log(web: WebServer, api: httpx.Client) -> None:
    before = api.get("/api/v1/audit").json()["items"]
    with web.client("nobody's") as stranger:
        stranger.post("/api/v1/tasks", json={})
        stranger.post("/login", data={"token": "x"})
    assert api.get("/api/v1/audit").json()["items"] == before


def test_logins_and_forms_are_recorded_too_and_forged_ones(
    web: WebServer, api: httpx.Client, workflow: Json
) -> None:
    ensure_token(web.database, name="ada", role="operator", token="a token that is ada's alone")
    stop = f"/workflows/{workflow['id']}/stop"
    with browser(web) as client:
        log_in(client, "a token that is ada's alone")
        assert client.post(stop).status_code == 403
        form = {"csrf_token": hidden(client.get("/").text, "csrf_token")}
        assert client.post(stop, data=form).status_code == 303
    seen = log_of(api, "ada")
    assert [(e["action"], e["status"]) for e in seen] == [
        ("pages.stop", 303),
        ("pages.stop", 403),
        ("pages.log_in", 303),
    ]
    assert seen[0]["target"] == {"workflow_id": workflow["id"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "a b", "role": "viewer"}, "name"),
        ({"name": "x", "role": "root"}, "role"),
        ({"name": "x", "role": "viewer", "scopes": ["everything"]}, "scopes"),
        ({"name": "x", "role": "viewer", "expires_in": 5}, "expires_in"),
        ({"name": "x", "role": "viewer", "expires_in": "30d"}, "expires_in"),
        ({"name": "x"}, "role"),
    ],
)
def test_a_token_that_cannot_be_made_names_the_field(
    api: httpx.Client, body: Json, field: str
) -> None:
    problem = assert_problem(api.post("/api/v1/tokens", json=body), 422, "invalid_input")
    assert problem["field"] == field


def test_the_stacks_own_token_is_not_revoked_by_hand(api: httpx.Client) -> None:
    assert_problem(api.post("/api/v1/tokens/admin/revoke"), 409, "conflict")
    assert api.headers["Authorization"] == f"Bearer {ADMIN}"
    assert api.get("/api/v1/tokens").status_code == 200
