"""A client of the API, and a workflow."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.web.browsing import browser, log_in
from tests.web_server import WebServer

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


@pytest.fixture
def api(web: WebServer) -> Iterator[httpx.Client]:
    """A client with the admin's token."""
    with web.client() as client:
        yield client


@pytest.fixture
def visitor(web: WebServer) -> Iterator[httpx.Client]:
    """A browser whose user is logged in."""
    with browser(web) as client:
        assert log_in(client).status_code == 303
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
