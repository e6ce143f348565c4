"""The page of a task, as a browser without scripts sees it."""

import html
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from hephaestus_core.access.service import ensure_token
from hephaestus_core.enrichment import store as enrichment
from hephaestus_core.enrichment.service import enrich
from hephaestus_core.llm.service import Llm
from hephaestus_core.settings.config import load_settings
from hephaestus_core.tasks import store as tasks
from tests.integration.web.browsing import browser, hidden, log_in
from tests.web_server import WebServer

HOSTILE = "Reef the sail <script>alert(1)</script> {{ 7 * 7 }}"


@pytest.fixture
def visitor(web: WebServer) -> Iterator[httpx.Client]:
    with browser(web) as client:
        assert log_in(client).status_code == 303
        yield client


def create(api: httpx.Client, workflow: dict[str, Any], text: str) -> dict[str, Any]:
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": text}
    made: dict[str, Any] = api.post("/api/v1/tasks", json=body).raise_for_status().json()
    return made


def test_people_decide_about_duplicates_on_a_task_s_page(
    web: WebServer, api: httpx.Client, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    first = create(api, workflow, HOSTILE)
    second = create(api, workflow, f"* {HOSTILE}")
    assert second["duplicate_of"] == first["id"]
    path, original = f"/tasks/{second['id']}", f"/tasks/{first['id']}"

    page = visitor.get(path).text
    assert "<script>alert" not in page
    assert "Another task does this work" in page
    assert f'href="{original}"' in page
    stopped = {"status": "stopped"}
    whole = visitor.get(f"/workflows/{workflow['id']}", params=stopped).text
    assert f'the work is done by <a href="{original}">another task</a>' in whole

    form = {"csrf_token": hidden(page, "csrf_token")}
    assert visitor.post(f"{path}/not-duplicate").status_code == 403
    assert visitor.post(f"{path}/not-duplicate", data=form).headers["Location"] == path
    assert api.get(f"/api/v1{path}").json()["status"] == "queued"
    page = visitor.get(path).text
    assert "A task that is like it" in page
    assert f'value="{first["id"]}"' in page, "the other task is offered"

    wrong = visitor.post(f"{path}/duplicate", data=form | {"of": second["id"][:8]})
    assert (wrong.status_code, "of itself" in html.unescape(wrong.text)) == (422, True)
    data = form | {"of": first["id"][:8], "reason": "Both reef it."}
    assert visitor.post(f"{path}/duplicate", data=data).status_code == 303
    found = api.get(f"/api/v1{path}").json()
    assert (found["duplicate_of"], found["similarity_reason"]) == (first["id"], "Both reef it.")
    assert "Both reef it." in visitor.get(path).text

    ensure_token(web.database, name="watcher", role="viewer", token="watching")
    with browser(web) as viewer:
        log_in(viewer, token="watching")
        page = viewer.get(path).text
        assert "Another task does this work" in page
        assert "Not a duplicate" not in page
        token = {"csrf_token": hidden(page, "csrf_token")}
        assert viewer.post(f"{path}/not-duplicate", data=token).status_code == 403


def test_a_task_that_waits_says_why_and_can_be_started_cancelled_restarted(
    api: httpx.Client, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    task = create(api, workflow, "Caulk the seams below the water line")
    later = {"workflow_id": workflow["id"], "phase_id": 2, "description": "Launch the boat"}
    waits = api.post("/api/v1/tasks", json={**later, "after": [task["id"]]}).json()
    path = f"/tasks/{task['id']}"
    assert "It starts after “Caulk the seams" in visitor.get(f"/tasks/{waits['id']}").text
    page = visitor.get(path).text
    assert "No host has registered" in page
    assert "is queued" in page, "what happened is told in words"

    form = {"csrf_token": hidden(page, "csrf_token")}
    assert visitor.post(f"{path}/bump", data=form).headers["Location"] == path
    assert api.get(f"/api/v1{path}").json()["boosted"] is True
    cancelled = visitor.post(f"{path}/cancel", data=form | {"reason": "The boat was sold."})
    assert cancelled.status_code == 303
    page = visitor.get(path).text
    assert "The boat was sold." in page
    assert visitor.post(f"{path}/restart", data=form).status_code == 303
    assert api.get(f"/api/v1{path}").json()["status"] == "queued"


def test_the_page_says_why_a_task_has_no_hints(
    web: WebServer, api: httpx.Client, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    task = create(api, workflow, "Furl the sail")
    path = f"/tasks/{task['id']}"
    assert "hints" not in visitor.get(path).text
    with web.database.reading() as session:
        wanted = enrichment.wanted(session, tasks.get(session, UUID(task["id"])))
    assert wanted is not None
    settings = load_settings(environ={})
    assert enrich(web.database, Llm(web.database, settings, {}), wanted, []) == "not_configured"
    detail = api.get(f"/api/v1{path}").json()["hints"]["detail"]
    told = f"No model gave hints, and the agent starts without: {detail}"
    assert told in html.unescape(visitor.get(path).text)
