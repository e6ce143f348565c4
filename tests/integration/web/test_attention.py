"""The inbox through its doors: REST, and the roles of those who read it."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from hephaestus_core.access.service import ensure_token
from hephaestus_core.agents.views import Trouble
from hephaestus_core.questions.asking import ask
from hephaestus_core.tasks.service import bump_task
from tests.engine import Engine
from tests.web_server import WebServer

VIEWER = "token-of-somebody-who-only-looks"


@pytest.fixture
def engine(web: WebServer, workflow: dict[str, Any]) -> Engine:
    engine = Engine(web.database).with_host("inbox", slots=1000)
    engine.workflow_id = UUID(workflow["id"])
    return engine


def failed(engine: Engine, title: str) -> str:
    """Let a task fail for good; returns its id."""
    task = engine.create("It fails", title=title)
    bump_task(engine.db, task.id)
    agent = engine.claimed("inbox")
    assert agent.task_id == task.id
    engine.end(engine.run(agent), failure=Trouble("permanent", "no such model"))
    return str(task.id)


def item_of(api: httpx.Client, task_id: str, **query: str) -> dict[str, Any] | None:
    listed = api.get("/api/v1/attention", params={"limit": "500", **query}).json()["items"]
    return next((item for item in listed if item["task_id"] == task_id), None)


def test_an_item_is_put_aside_and_back_and_readers_may_hold_what_they_have(
    api: httpx.Client, engine: Engine
) -> None:
    task_id = failed(engine, "Mend the mast")
    item = item_of(api, task_id)
    assert item is not None
    assert [act["name"] for act in item["acts"]] == ["restart", "snooze", "dismiss"]
    assert item["acts"][0]["command"] == f"hephaestus restart {task_id}"
    read = api.get("/api/v1/attention")
    held = {"If-None-Match": read.headers["ETag"]}
    assert api.get("/api/v1/attention", headers=held).status_code == 304
    path = f"/api/v1/attention/{item['id']}"
    snoozed = api.post(f"{path}/snooze", json={"minutes": 30})
    assert (snoozed.status_code, snoozed.json()["set_aside_by"]) == (200, "admin")
    assert api.get("/api/v1/attention", headers=held).status_code == 200
    assert item_of(api, task_id) is None
    assert item_of(api, task_id, set_aside="true") is not None
    api.post(f"{path}/undo", json={}).raise_for_status()
    assert item_of(api, task_id) is not None
    api.post(f"{path}/dismiss", json={}).raise_for_status()
    assert item_of(api, task_id) is None
    assert api.post(f"{path}/snooze", json={"minutes": 10**6}).status_code == 422
    metrics = api.get("/metrics").text
    assert 'hephaestus_attention{kind="task_failed"}' in metrics
    entries = api.get("/api/v1/audit").json()["items"]
    told = [(e["action"], e["target"]["item_id"]) for e in entries if "attention" in e["action"]]
    assert ("attention.dismiss_item", item["id"]) in told


def test_a_viewer_sees_the_list_without_acts(
    web: WebServer, api: httpx.Client, engine: Engine
) -> None:
    task_id = failed(engine, "Mend the rudder")
    ensure_token(web.database, name="looker", role="viewer", token=VIEWER)
    with web.client(VIEWER) as looker:
        item = item_of(looker, task_id)
        assert item is not None
        assert item["acts"] == []
        refused = looker.post(f"/api/v1/attention/{item['id']}/snooze", json={})
        assert refused.status_code == 403
    assert item_of(api, task_id) is not None


def test_a_question_is_in_the_inbox_with_its_options(api: httpx.Client, engine: Engine) -> None:
    task = engine.create("Paint it")
    bump_task(engine.db, task.id)
    agent = engine.run(engine.claimed("inbox"))
    asked = ask(engine.db, agent.id, "Red or blue?", options=["red", "blue"], hours=1, wait=True)
    item = item_of(api, str(task.id))
    assert item is not None
    assert (item["kind"], item["evidence"]) == ("question", "Red or blue?")
    [answer, _] = item["acts"]
    assert (answer["target"], answer["options"]) == (str(asked.id), ["red", "blue"])
    api.post(f"/api/v1/questions/{asked.id}/answer", json={"option": 1}).raise_for_status()
    assert item_of(api, str(task.id)) is None
