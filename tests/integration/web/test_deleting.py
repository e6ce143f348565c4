"""A workflow is deleted by the API and in the browser, after a look at what goes."""

import html
import re
from typing import Any
from uuid import UUID

import httpx

from hephaestus_core.access.service import ensure_token
from hephaestus_core.agents import hosting
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.guardian.acting import act_on
from hephaestus_core.guardian.ladder import Bounds
from hephaestus_core.guardian.observation import Act, Label, Verdict
from hephaestus_core.lifecycle.deleted_rows import delete_rows
from hephaestus_core.results.service import submit
from tests.engine import Engine
from tests.integration.web.browsing import browser, hidden, log_in
from tests.web_server import WebServer


def test_the_api_shows_what_goes_then_deletes_and_says_so_again(
    api: httpx.Client, workflow: dict[str, Any]
) -> None:
    place = f"/api/v1/workflows/{workflow['id']}"
    shown = api.get(f"{place}/deletion").json()
    assert shown["counts"]["tasks"] == 1
    assert "has open tasks. Stop it first" in shown["refusal"]
    refused = api.delete(place)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    api.post(f"{place}/stop", json={}).raise_for_status()
    assert api.get(f"{place}/deletion").json()["refusal"] is None
    deleted = api.delete(place)
    assert (deleted.status_code, deleted.json()["asked_by"]) == (202, "admin")
    assert api.get(place).status_code == 404
    assert api.get("/api/v1/workflows").json()["items"] == []
    assert api.delete(place).json() == deleted.json(), "asked again"
    entry = api.get("/api/v1/audit").json()["items"][1]
    assert (entry["action"], entry["target"]) == (
        "workflows.delete_workflow",
        {"workflow_id": workflow["id"]},
    )


def test_a_viewer_and_a_narrow_token_delete_nothing(
    web: WebServer, api: httpx.Client, workflow: dict[str, Any]
) -> None:
    place = f"/api/v1/workflows/{workflow['id']}"
    api.post(f"{place}/stop", json={}).raise_for_status()
    ensure_token(web.database, name="eve", role="viewer", token="eves-token")
    body = {"name": "tasks", "role": "operator", "scopes": ["tasks"]}
    narrow = api.post("/api/v1/tokens", json=body).json()["token"]
    for token in ("eves-token", narrow):
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.delete(web.url + place, headers=headers).status_code == 403
    with browser(web) as client:
        log_in(client, "eves-token")
        assert "Delete this workflow" not in client.get(f"/workflows/{workflow['id']}").text
        assert client.get(f"/workflows/{workflow['id']}/delete").status_code == 403
    assert api.get(place).status_code == 200


def test_the_page_shows_what_goes_and_what_stays_before_it_deletes(
    web: WebServer, api: httpx.Client, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    page, asking = f"/workflows/{workflow['id']}", f"/workflows/{workflow['id']}/delete"
    assert "Delete this workflow" not in visitor.get(page).text, "it is at work"
    assert "Stop it first" in visitor.get(asking).text
    engine = Engine(web.database, UUID(workflow["id"])).with_host("a")
    agent = engine.run(engine.claimed())
    api.post(f"/api/v1/workflows/{workflow['id']}/stop", json={}).raise_for_status()
    assert "is not put away yet" in visitor.get(asking).text
    engine.end(agent)
    hosting.record_released(web.database, agent.id)
    assert f'href="{asking}"' in visitor.get(page).text
    shown = html.unescape(visitor.get(asking).text)
    assert "1 task, 1 attempt and" in shown
    assert "Delete 1 more branch too, though nothing else holds its commits" in shown
    form = {"csrf_token": hidden(shown, "csrf_token")}
    sent = visitor.post(asking, data=form, follow_redirects=True)
    assert "is deleted</h1>" in sent.text
    gone = visitor.get(page)
    assert (gone.status_code, "has been deleted" in gone.text) == (404, True)


def test_pages_name_a_deleted_workflow_without_a_link_to_it(
    web: WebServer, api: httpx.Client, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database, UUID(workflow["id"])).with_host("a")
    agent = engine.run(engine.claimed())
    record_turns(web.database, agent.id, [Turn("1", Tokens(1_000_000), "claude-haiku-4-5")], {})
    api.post(f"/api/v1/workflows/{workflow['id']}/stop", json={}).raise_for_status()
    engine.end(agent)
    hosting.record_released(web.database, agent.id)
    ended = "/agents?live=no"
    pages = ("/costs", ended, f"{ended}&workflow={workflow['id']}", f"/agents/{agent.id}")
    for page in pages:
        assert links_to(workflow["id"], visitor.get(page).text), f"{page} before"
    api.delete(f"/api/v1/workflows/{workflow['id']}").raise_for_status()
    for page in pages:
        shown = visitor.get(page).text
        assert not links_to(workflow["id"], shown), page
        assert f"{workflow['title']} (deleted)" in html.unescape(shown), page
    delete_rows(web.database, batches=10_000)
    shown = visitor.get("/costs").text
    assert not links_to(workflow["id"], shown)
    assert f"{workflow['title']} (deleted)" in html.unescape(shown)


def test_lists_show_nothing_of_a_workflow_that_is_being_deleted(
    web: WebServer, api: httpx.Client, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database, UUID(workflow["id"])).with_host("a")
    agent = engine.run(engine.claimed())
    submit(web.database, agent.id, explanation="The boat floats.")
    loops = Verdict(Label.LOOPING, "loops", Act.STEER, ("make",), looks=5)
    act_on(web.database, agent.id, loops, bounds=Bounds(patience=0, minimum_age=0))
    place = f"/api/v1/workflows/{workflow['id']}"
    for page in ("/results", "/guardian"):
        assert links_to(workflow["id"], visitor.get(page).text), f"{page} before"
    [act] = api.get("/api/v1/interventions").json()["items"]
    title = api.get(f"/api/v1/tasks/{agent.task_id}").json()["title"]
    assert title in html.unescape(visitor.get("/guardian").text)
    api.post(f"{place}/stop", json={}).raise_for_status()
    engine.end(agent)
    hosting.record_released(web.database, agent.id)
    api.delete(place).raise_for_status()
    for page in ("/results", "/guardian"):
        shown = visitor.get(page).text
        assert not links_to(workflow["id"], shown), page
        assert not links_to(str(agent.task_id), shown), page
    assert act["id"] not in {
        each["id"] for each in api.get("/api/v1/interventions").json()["items"]
    }


def links_to(id_: str, page: str) -> list[str]:
    return re.findall(rf'href="[^"]*{id_}[^"]*"', page)
