"""Texts that would mean something else to SQL, git, the file system, headers or templates."""

import socket
from html import escape
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.integration.web.browsing import browser, hidden, log_in
from tests.integration.web.conftest import DEFINITION
from tests.integration.web.test_bad_input import assert_problem
from tests.web_server import ADMIN, WebServer

SQL = [
    "'; DROP TABLE tasks; --",
    "' OR '1'='1",
    "1; SELECT pg_sleep(9)",
    "\\'; --",
    "%' UNION SELECT token_hash FROM api_tokens --",
]
GIT_OPTIONS = [
    "--upload-pack=touch /tmp/owned",
    "-u/tmp/owned",
    "--config=core.sshCommand=touch",
    "ext::sh -c touch% /tmp/owned",
]
OUTSIDE = ["../../etc", "a/../../b", ".."]


def launched(api: httpx.Client, **values: Any) -> httpx.Response:
    """Start a workflow."""
    body = {
        "definition_id": "two-phases",
        "main_repo_path": "https://a.example/r",
        "launch_params": {"thing": "a boat"},
    }
    return api.post("/api/v1/workflows", json=body | values)


@pytest.mark.parametrize("text", SQL)
def test_no_text_becomes_sql(api: httpx.Client, workflow: dict[str, Any], text: str) -> None:
    path = f"/api/v1/workflows/{workflow['id']}"
    before = api.get(path).json()["task_counts"]
    for query in ({"status": text}, {"workflow_id": text}, {"cursor": text}, {"limit": text}):
        assert api.get("/api/v1/tasks", params=query).status_code == 422
    assert api.get("/api/v1/workflows", params={"status": text}).status_code in {200, 422}
    for there in ("workflow-definitions", "agents", "tasks", "workflows", "hosts"):
        found = api.get(f"/api/v1/{there}/" + quote(text, safe=""))
        assert found.status_code in {404, 405}
    assert api.post("/api/v1/tokens", json={"name": text, "role": text}).status_code == 422
    assert launched(api, description=text, launch_params={"thing": text}).status_code == 201
    assert api.get(path).json()["task_counts"] == before


@pytest.mark.parametrize("origin", GIT_OPTIONS)
def test_no_repository_is_an_option_of_git(
    api: httpx.Client, workflow: dict[str, Any], origin: str
) -> None:
    problem = assert_problem(launched(api, main_repo_path=origin), 422, "repository_error")
    assert problem["field"] == "main_repo_path"


@pytest.mark.parametrize("branch", [*GIT_OPTIONS, "-f", "a..b", "a b", "refs:heads", "a\nb"])
def test_no_branch_is_an_option_of_git(
    api: httpx.Client, workflow: dict[str, Any], branch: str
) -> None:
    problem = assert_problem(launched(api, base_branch=branch), 422, "repository_error")
    assert problem["field"] == "base_branch"


@pytest.mark.parametrize("folder", OUTSIDE)
def test_no_folder_leads_out_of_the_repository(
    api: httpx.Client, workflow: dict[str, Any], folder: str
) -> None:
    problem = assert_problem(launched(api, working_directory=folder), 422, "invalid_input")
    assert problem["field"] == "working_directory"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../auth.py",
        "/static/%2e%2e/auth.py",
        "/static/..%2f..%2fsetup.cfg",
        "/static//etc/passwd",
        "/api/v1/workflow-definitions/..%2f..%2f..%2fetc%2fpasswd",
        "/api/v1/agents/..%2f..%2fsecrets%2fadmin.token/output",
    ],
)
def test_no_path_leads_out_of_its_folder(web: WebServer, path: str) -> None:
    with socket.create_connection(httpx.URL(web.url).netloc.decode().split(":"), 10) as connection:  # type: ignore[arg-type]
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ADMIN}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        answer = connection.makefile("rb").read()
    assert answer.split()[1] in {b"404", b"308"}
    assert ADMIN.encode() not in answer


@pytest.mark.parametrize("text", ["/\r\nSet-Cookie: owned=1", "/%0d%0aSet-Cookie:%20owned=1"])
def test_no_text_becomes_a_header(web: WebServer, text: str) -> None:
    with browser(web) as client:
        answers = [
            log_in(client, following=text),
            client.get("/launch/" + quote(text, safe="")),
            client.get("/login", params={"next": text}),
            client.get("/api/v1/tasks", params={"cursor": text}),
        ]
        client.cookies.clear()
        answers.append(client.get("/launch/x", params={"next": text}))
    for answer in answers:
        assert "owned" not in answer.headers.get("Set-Cookie", "")
        assert "\n" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% raw %}", "<script>alert(1)</script>"])
def test_no_text_becomes_a_template_or_markup(
    web: WebServer, api: httpx.Client, workflow: dict[str, Any], text: str
) -> None:
    started = launched(api, description=text, launch_params={"thing": text}).json()
    with browser(web) as client:
        log_in(client)
        pages = [
            client.get(f"/workflows/{started['id']}").text,
            client.get("/launch/" + quote(text, safe="")).text,
            client.get("/login", params={"next": "/" + text}).text,
        ]
        assert hidden(pages[2], "next") == "/" + text
    assert [page for page in pages if escape(text) not in page] == []
    assert "<script>alert" not in "".join(pages)


@pytest.mark.parametrize("text", ["{thing}", "{0}", "{thing.__class__}", "%(thing)s", "$thing"])
def test_no_parameter_is_filled_in_again(
    api: httpx.Client, workflow: dict[str, Any], text: str
) -> None:
    started = launched(api, launch_params={"thing": text}).json()
    task = api.get(f"/api/v1/tasks/{started['initial_task_id']}").json()
    assert task["description"] == f"Plan {text}"


@pytest.mark.parametrize("text", ["{thing.__class__.__mro__}", "{thing!r}", "{thing[0]}"])
def test_no_placeholder_reaches_into_a_value(api: httpx.Client, text: str) -> None:
    template = DEFINITION["launch_template"] | {"phase_1_task_prompt": f"Plan {text}"}
    body = DEFINITION | {"launch_template": template}
    saved = api.put("/api/v1/workflow-definitions/reaching", json=body)
    if saved.status_code == 200:
        started = launched(api, definition_id="reaching").json()
        task = api.get(f"/api/v1/tasks/{started['initial_task_id']}").json()
        assert task["description"] == f"Plan {text}"
