"""What the API refuses, and how: problem+json with a stable code, and nothing changed."""

import socket
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.web_server import ADMIN, WebServer

JSON = {"Content-Type": "application/json"}


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check the form of a refusal, and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    assert (problem["status"], problem["code"]) == (status, code)
    return problem


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed_request"),
        (b"[1]", "malformed_request"),
        (b'"text"', "malformed_request"),
        (b"\xff\xfe{}", "malformed_request"),
        (b'{"phase_id": NaN}', "malformed_request"),
        (b"[" * 100_000, "malformed_request"),
        (b'{"phase_id": ' + b"9" * 5000 + b"}", "malformed_request"),
    ],
    ids=["cut", "list", "text", "binary", "nan", "deep", "long number"],
)
def test_what_is_no_json_object_is_refused(api: httpx.Client, body: bytes, code: str) -> None:
    assert_problem(api.post("/api/v1/tasks", content=body, headers=JSON), 400, code)


def test_a_body_of_another_type_is_refused(api: httpx.Client) -> None:
    answer = api.post("/api/v1/tasks", data={"description": "x"})
    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
@pytest.mark.parametrize("size", [2 * 1024 * 1024, 10 * 1024 * 1024])
def test_a_body_beyond_the_limit_is_refused_and_the_client_sees_it(
    api: httpx.Client, workflow: dict[str, Any], size: int, connection: str
) -> None:
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "x" * size}
    refused = api.post("/api/v1/tasks", json=body, headers={"Connection": connection})
    problem = assert_problem(refused, 413, "body_too_large")
    assert "1 MiB" in problem["detail"]


def test_a_description_beyond_the_limit_names_the_field(
    api: httpx.Client, workflow: dict[str, Any]
) -> None:
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "x" * 200_001}
    problem = assert_problem(api.post("/api/v1/tasks", json=body), 422, "invalid_input")
    assert problem["field"] == "description"
    assert "200,000" in problem["detail"]


def test_an_unknown_phase_names_those_there_are(
    api: httpx.Client, workflow: dict[str, Any]
) -> None:
    body = {"workflow_id": workflow["id"], "phase_id": 7, "description": "x"}
    problem = assert_problem(api.post("/api/v1/tasks", json=body), 422, "invalid_input")
    assert problem["field"] == "phase_id"
    assert "1 (plan), 2 (build)" in problem["detail"]


def test_an_unknown_workflow_is_not_found(api: httpx.Client) -> None:
    body = {"workflow_id": str(uuid4()), "phase_id": 1, "description": "x"}
    assert_problem(api.post("/api/v1/tasks", json=body), 404, "not_found")


def test_an_unknown_name_gets_its_nearest(api: httpx.Client, workflow: dict[str, Any]) -> None:
    body = {"workflow_id": workflow["id"], "phase_id": 1, "descripion": "x"}
    problem = assert_problem(api.post("/api/v1/tasks", json=body), 422, "invalid_input")
    assert "did you mean 'description'" in problem["detail"]
    query = api.get("/api/v1/tasks", params={"sttaus": "done"})
    assert assert_problem(query, 422, "invalid_input")["field"] == "sttaus"


@pytest.mark.parametrize(
    "text",
    [
        "nul \x00 and escape \x1b[2J and bell \x07",
        "lone surrogate \ud800",
        "$(reboot) `reboot` ; rm -rf / | sh && true",
        "'; DROP TABLE tasks; --",
        "<script>alert(1)</script>",
        "العربية 🚢 \u202e",
    ],
)
def test_any_text_is_taken_and_given_back_as_plain_text(
    api: httpx.Client, workflow: dict[str, Any], text: str
) -> None:
    import json  # httpx's own encoder refuses lone surrogates

    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": text}
    answer = api.post("/api/v1/tasks", content=json.dumps(body), headers=JSON)
    assert answer.status_code == 201
    stored = api.get(f"/api/v1/tasks/{answer.json()['id']}").json()["description"]
    assert not set(stored) & {"\x00", "\x1b", "\x07", "\ud800"}
    if text.isprintable():
        assert stored == text


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("GET", "/api/v1/workflow-definitions/%00", "definition_id"),
        ("GET", "/api/v1/workflows?status=%00", "status"),
        ("GET", "/api/v1/tasks?cursor=%00", "cursor"),
        ("POST", "/api/v1/tokens/%00/revoke", "name"),
        ("POST", "/api/v1/hosts/%00/drain", "name"),
        ("GET", "/static/%00", "filename"),
    ],
)
def test_a_path_or_query_that_can_name_nothing_is_refused(
    api: httpx.Client, method: str, path: str, field: str
) -> None:
    body = {"json": {"drain": True}} if path.endswith("drain") else {}
    problem = assert_problem(api.request(method, path, **body), 422, "invalid_input")
    assert problem["field"] == field


@pytest.mark.parametrize("value", ["a\x00", "a\ud800", "a:\x00"], ids=ascii)
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("workflows", "definition_id"),
        ("workflows", "main_repo_path"),
        ("workflows", "base_branch"),
        ("tasks", "cli_tool"),
        ("tasks", "cli_model"),
        ("tasks", "ticket_id"),
        ("tokens", "name"),
    ],
)
def test_a_name_that_nothing_can_have_is_refused(
    api: httpx.Client, workflow: dict[str, Any], path: str, field: str, value: str
) -> None:
    import json  # httpx's own encoder refuses lone surrogates

    bodies: dict[str, dict[str, Any]] = {
        "workflows": {
            "definition_id": "two-phases",
            "main_repo_path": "https://a.example/r",
            "launch_params": {"thing": "a boat"},
        },
        "tasks": {"workflow_id": workflow["id"], "phase_id": 1, "description": "x"},
        "tokens": {"name": "x", "role": "viewer"},
    }
    body = json.dumps(bodies[path] | {field: value})
    answer = api.post(f"/api/v1/{path}", content=body, headers=JSON)
    assert assert_problem(answer, 422, "invalid_input")["field"] == field


@pytest.mark.parametrize("field", ["cli_model", "ticket_id"])
def test_a_name_beyond_the_limit_is_refused(
    api: httpx.Client, workflow: dict[str, Any], field: str
) -> None:
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "x", field: "x" * 201}
    problem = assert_problem(api.post("/api/v1/tasks", json=body), 422, "invalid_input")
    assert problem["field"] == field
    assert "at most 200" in problem["detail"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "x"},
        {"cursor": "nonsense"},
        {"workflow_id": "nonsense"},
        {"phase_id": "-1"},
        {"phase_id": "99999999999999999999"},
        {"status": "finnished"},
    ],
    ids=str,
)
def test_a_query_out_of_bounds_names_the_field(api: httpx.Client, query: dict[str, str]) -> None:
    problem = assert_problem(api.get("/api/v1/tasks", params=query), 422, "invalid_input")
    assert problem["field"] == next(iter(query))


def test_an_unknown_status_of_workflows_names_those_there_are(api: httpx.Client) -> None:
    wrong = api.get("/api/v1/workflows", params={"status": "compleeted"})
    problem = assert_problem(wrong, 422, "invalid_input")
    assert problem["field"] == "status"
    assert "did you mean 'completed'" in problem["detail"]
    assert "known: active, completed, stopped." in problem["detail"]
    assert api.get("/api/v1/workflows", params={"status": "stopped"}).status_code == 200


def test_what_is_not_there_is_a_problem_too(api: httpx.Client) -> None:
    assert_problem(api.get("/api/v1/nothing"), 404, "not_found")
    assert_problem(api.get("/api/v1/tasks/nonsense"), 404, "not_found")
    assert_problem(api.get(f"/api/v1/tasks/{uuid4()}"), 404, "not_found")
    assert_problem(api.get("/api/v1/tasks/../../etc/passwd"), 404, "not_found")
    wrong = api.delete("/api/v1/tasks")
    assert_problem(wrong, 405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "ä"])
def test_a_key_out_of_bounds_is_refused(
    api: httpx.Client, workflow: dict[str, Any], key: str
) -> None:
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "x"}
    headers = [(b"Idempotency-Key", key.encode())]
    answer = api.post("/api/v1/tasks", json=body, headers=headers)
    assert_problem(answer, 422, "invalid_input")
    assert api.get(f"/api/v1/workflows/{workflow['id']}").json()["live_tasks"] == 1


def test_a_body_that_stops_halfway_harms_nobody(web: WebServer, api: httpx.Client) -> None:
    host, port = web.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\nAuthorization: Bearer " + ADMIN.encode() + b'\r\n\r\n{"a'
        )
    assert api.get("/api/v1/health").status_code == 200


def test_nothing_of_this_was_a_fault_of_ours(web: WebServer) -> None:
    assert "Traceback" not in web.log.read_text()
