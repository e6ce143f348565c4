"""Pages of hosts, queue, memories, results, Guardian, costs and settings, without scripts."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.hosts import service as hosts
from hephaestus_core.memory import service as memories
from hephaestus_core.memory.forgetting import Policy
from hephaestus_core.tasks.service import bump_task
from tests.engine import Engine
from tests.integration.web.browsing import browser, hidden, log_in
from tests.web_server import WebServer

PAGES = ("queue", "hosts", "results", "memories", "guardian", "costs", "settings")


@pytest.fixture
def viewer(web: WebServer, api: httpx.Client) -> Iterator[httpx.Client]:
    """The browser of somebody who may only look."""
    body = {"name": "onlooker", "role": "viewer"}
    token = api.post("/api/v1/tokens", json=body).raise_for_status().json()["token"]
    with browser(web) as client:
        assert log_in(client, token).status_code == 303
        yield client
    api.post("/api/v1/tokens/onlooker/revoke", json={}).raise_for_status()


def send(client: httpx.Client, page: str, path: str, **values: Any) -> httpx.Response:
    """Send a form of a page."""
    token = hidden(client.get(page).text, "csrf_token")
    return client.post(path, data={"csrf_token": token, **values})


def spend(web: WebServer, workflow: dict[str, Any], dollars: float) -> None:
    """Let an agent use so much of a model."""
    engine = Engine(web.database).with_host("till", slots=1000)
    engine.workflow_id = UUID(workflow["id"])
    bump_task(engine.db, engine.create("Count the coins").id)
    agent = engine.run(engine.claimed("till"))
    turn = Turn("1", Tokens(1000, 10), model=f"model-for-{dollars}", cost=dollars)
    record_turns(web.database, agent.id, [turn], {})


def test_a_viewer_sees_every_list_and_no_act(
    viewer: httpx.Client, workflow: dict[str, Any]
) -> None:
    for page in PAGES:
        answer = viewer.get(f"/{page}")
        assert answer.status_code == 200, page
        forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', answer.text)
        assert forms == ["/logout"], page
    assert viewer.get("/settings/audit").status_code == 403


def test_a_host_is_drained_and_labelled(visitor: httpx.Client, web: WebServer) -> None:
    hosts.register(web.database, "forge", slots=4, labels=["gpu"], lease_seconds=60)
    assert "0 of 4 slots in use" in visitor.get("/hosts").text
    assert send(visitor, "/hosts", "/hosts/forge/drain", drain="yes").status_code == 303
    assert "draining" in visitor.get("/hosts").text
    send(visitor, "/hosts", "/hosts/forge/labels", labels="linux, big")
    send(visitor, "/hosts", "/hosts/forge/drain", drain="no")
    [host] = hosts.list_hosts(web.database)
    assert (host.draining, host.labels) == (False, ["linux", "big"])


def test_a_queued_task_is_bumped(
    visitor: httpx.Client, api: httpx.Client, workflow: dict[str, Any]
) -> None:
    [task] = api.get("/api/v1/tasks", params={"workflow_id": workflow["id"]}).json()["items"]
    assert task["title"] in visitor.get("/queue").text
    assert send(visitor, "/queue", f"/queue/{task['id']}/bump").status_code == 303
    assert api.get(f"/api/v1/tasks/{task['id']}").json()["boosted"] is True


def test_memories_are_added_found_edited_and_deleted(
    visitor: httpx.Client, api: httpx.Client
) -> None:
    place = "https://a.example/boats"
    text = "The build of the boats needs the tool caulk in version 3."
    given = {"repository": place, "type": "discovery", "text": text, "tags": "build, tools"}
    assert send(visitor, "/memories", "/memories", **given).status_code == 303
    asked = {"repository": place, "q": "Which version of caulk builds the boats?"}
    found = visitor.get("/memories", params=asked).text
    assert text in found
    assert "#tools" in found
    assert text not in visitor.get("/memories", params={"type": "warning"}).text
    [memory] = api.get("/api/v1/memories", params={"repository": place}).json()["items"]
    changed = {"type": "warning", "text": text.replace("3", "4"), "files": "boats/build.py"}
    send(visitor, "/memories", f"/memories/{memory['id']}", **changed)
    assert "version 4" in visitor.get("/memories", params={"type": "warning"}).text
    send(visitor, "/memories", f"/memories/{memory['id']}/rating", rating="useful")
    assert "useful 1" in visitor.get("/memories").text
    send(visitor, "/memories", f"/memories/{memory['id']}/delete")
    assert api.get("/api/v1/memories", params={"repository": place}).json()["items"] == []


def test_a_forgotten_memory_says_so_and_is_restored_and_html_in_it_is_text(
    visitor: httpx.Client, api: httpx.Client, web: WebServer
) -> None:
    given = {"repository": "https://a.example/rafts", "type": "warning"}
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)> rafts sink"
    made = api.post("/api/v1/memories", json={**given, "text": hostile, "files": ["<b>.py"]})
    id_ = made.json()["id"]
    send(visitor, "/memories", f"/memories/{id_}/rating", rating="wrong")
    shown = visitor.get("/memories", params={"repository": given["repository"]}).text
    assert "wrong 1" in shown
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "<b>.py" not in shown
    rated = {"person": "another", "policy": Policy()}
    memories.rate_memory(web.database, UUID(id_), "wrong", **rated)

    shown = visitor.get("/memories", params={"state": "forgotten"}).text
    assert "since it was rated wrong" in shown
    assert id_ not in visitor.get("/memories", params={"state": "known"}).text
    assert send(visitor, "/memories", f"/memories/{id_}/restore").status_code == 303
    assert id_ in visitor.get("/memories", params={"state": "known"}).text
    assert api.get(f"/api/v1/memories/{id_}").json()["wrong"] == 0


def test_an_act_leads_back_to_the_part_of_the_memories_that_was_shown(
    visitor: httpx.Client, api: httpx.Client
) -> None:
    given = {"repository": "https://a.example/oars", "type": "warning"}
    made = api.post("/api/v1/memories", json={**given, "text": "Oars of ash break in a frost."})
    path = f"/memories/{made.json()['id']}"
    part = {**given, "state": "known"}
    shown = visitor.get("/memories", params=part)
    values = {"csrf_token": hidden(shown.text, "csrf_token"), "back": hidden(shown.text, "back")}
    for act, more in (("", {"type": "warning", "text": "Oars of ash break."}), ("/restore", {})):
        led = visitor.post(f"{path}{act}", data={**values, **more}).headers["Location"]
        assert httpx.URL(led).fragment == f"memory-{made.json()['id']}"
        assert dict(httpx.URL(led).params) == part
    deleted = visitor.post(f"{path}/delete", data=values).headers["Location"]
    assert dict(httpx.URL(deleted).params) == part
    added = visitor.post("/memories", data={**values, **given, "text": "Oars of elm bend easily."})
    assert dict(httpx.URL(added.headers["Location"]).params) == {"repository": given["repository"]}
    [new] = api.get("/api/v1/memories", params=given).json()["items"]
    strange = {**values, "back": "//evil.example/?next=//evil.example&type=warning"}
    led = visitor.post(f"/memories/{new['id']}/delete", data=strange).headers["Location"]
    assert led == "/memories?type=warning"


def test_the_page_of_memories_says_why_it_shows_none(visitor: httpx.Client) -> None:
    place = {"repository": "https://a.example/nothing", "q": "Which oars break?"}
    assert (
        "nothing forgotten" in visitor.get("/memories", params={**place, "state": "forgotten"}).text
    )
    assert "Nothing bears on this" in visitor.get("/memories", params=place).text
    assert "Nothing like this" in visitor.get("/memories", params={"type": "decision"}).text


def test_budgets_are_set_raised_and_removed(visitor: httpx.Client, api: httpx.Client) -> None:
    given = {"dollars": "$1,250", "action": "warn"}
    assert send(visitor, "/costs", "/budgets", **given).status_code == 303
    [budget] = api.get("/api/v1/budgets").json()["items"]
    assert (budget["dollars"], budget["action"]) == (1250, "warn")
    send(visitor, "/costs", f"/budgets/{budget['id']}/raise", dollars="1300")
    assert "$1,300.00" in visitor.get("/costs").text
    assert send(visitor, "/costs", "/budgets", dollars="many", action="warn").status_code == 422
    send(visitor, "/costs", f"/budgets/{budget['id']}/remove")
    assert api.get("/api/v1/budgets").json()["items"] == []


def test_what_cost_less_than_a_cent_is_not_told_as_nothing(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    spend(web, workflow, 0.004)
    page = visitor.get("/costs").text
    [cheap] = [row for row in page.split("<tr>") if "model-for-0.004" in row]
    assert "&lt; $0.01" in cheap
    assert "$0.00" not in cheap


def test_the_costs_of_each_day_are_also_written(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    """Nobody has to point at the chart."""
    spend(web, workflow, 2.5)
    page = visitor.get("/costs").text
    days = page[page.index('id="by-day"') : page.index("</details>")]
    with web.database.reading() as session:
        today = session.scalars(text("SELECT (now() AT TIME ZONE 'UTC')::date")).one()
    assert f"<td>{today}" in days


def test_a_token_is_shown_once_and_revoked(visitor: httpx.Client, api: httpx.Client) -> None:
    made = send(visitor, "/settings", "/settings/tokens", name="ci", role="viewer", scopes="read")
    [entry, *_] = visitor.get("/api/v1/audit").json()["items"]
    assert (entry["action"], entry["target"]) == ("pages.create_token", {"created": "ci"})
    assert made.status_code == 201
    [secret] = re.findall(r"<code>(heph_api_[^<]+)</code>", made.text)
    assert secret not in visitor.get("/settings").text
    headers = {"Authorization": f"Bearer {secret}"}
    assert api.get("/api/v1/workflows", headers=headers).status_code == 200
    assert send(visitor, "/settings", "/settings/tokens/ci/revoke").status_code == 303
    assert api.get("/api/v1/workflows", headers=headers).status_code == 401
    assert "pages.revoke_token" in visitor.get("/settings/audit").text
