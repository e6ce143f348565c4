"""One web process per module of tests, with a database of its own."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.servers import Postgres, Valkey
from tests.web_server import WebServer, running_web

DEFINITION: dict[str, Any] = {
    "name": "Two phases",
    "phases": [
        {"id": 1, "name": "plan", "description": "Plan it", "done_definitions": ["A plan"]},
        {"id": 2, "name": "build", "description": "Build {thing}"},
    ],
    "config": {"has_result": True, "result_criteria": "It works", "on_result_found": "stop_all"},
    "launch_template": {
        "parameters": [{"name": "thing", "label": "Thing", "type": "text", "required": True}],
        "phase_1_task_prompt": "Plan {thing}",
    },
}


@pytest.fixture(scope="module")
def web(
    postgres_server: Postgres,
    valkey_server: Valkey,
    migrated_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[WebServer]:
    """A running web process."""
    url = postgres_server.create_database(migrated_template)
    with running_web(tmp_path_factory.mktemp("web"), url, valkey_server.next_url()) as server:
        yield server
    postgres_server.drop_database(url)


@pytest.fixture
def api(web: WebServer) -> Iterator[httpx.Client]:
    """A client with the admin's token."""
    with web.client() as client:
        yield client


@pytest.fixture
def workflow(api: httpx.Client) -> dict[str, Any]:
    """A workflow with one task."""
    api.put("/api/v1/workflow-definitions/two-phases", json=DEFINITION).raise_for_status()
    body = {
        "definition_id": "two-phases",
        "main_repo_path": "https://a.example/r",
        "launch_params": {"thing": "a boat"},
    }
    answer = api.post("/api/v1/workflows", json=body)
    answer.raise_for_status()
    started: dict[str, Any] = answer.json()
    return started
