"""The pages, as a browser without scripts sees them."""

import html
import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from hephaestus_core.access.service import ensure_token
from hephaestus_core.changes import service as changes
from hephaestus_core.changes.base_moves import note_moved
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_core.reviews.left_out import record_left_out
from tests.engine import Engine
from tests.integration.web.browsing import HOSTILE, browser, hidden, log_in
from tests.integration.web.conftest import DEFINITION
from tests.web_server import ADMIN, WebServer


def launch(client: httpx.Client, **values: str) -> httpx.Response:
    """Fill in and send the launch form."""
    form = client.get("/launch/two-phases").text
    names = ("csrf_token", "launch_key")
    data = (
        {name: hidden(form, name) for name in names}
        | {"main_repo_path": "https://a.example/r"}
        | values
    )
    return client.post("/launch/two-phases", data=data)


def test_the_form_of_a_definition_without_a_prompt_asks_for_the_first_task(
    api: httpx.Client, visitor: httpx.Client
) -> None:
    silent = {name: value for name, value in DEFINITION.items() if name != "launch_template"}
    api.put("/api/v1/workflow-definitions/silent", json=silent).raise_for_status()
    form = visitor.get("/launch/silent").text
    assert "What is to be done first" in form
    assert "What is to be done first" not in visitor.get("/launch/two-phases").text
    data = {name: hidden(form, name) for name in ("csrf_token", "launch_key")}
    data["main_repo_path"] = "https://a.example/r"
    refused = visitor.post("/launch/silent", data=data)
    assert refused.status_code == 422
    assert "What is to be done first is required." in html.unescape(refused.text)
    started = visitor.post("/launch/silent", data=data | {"task": "Plan a boat"})
    assert started.status_code == 303
    assert "Plan a boat" in visitor.get(started.headers["location"]).text


def test_a_page_has_the_name_by_which_the_links_call_it(visitor: httpx.Client) -> None:
    home = visitor.get("/").text
    bar = home.partition('aria-label="Pages"')[2].partition("</nav>")[0]
    links = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', bar)
    assert ("/inbox", "For you") in links
    for address, name in links:
        page = visitor.get(address).text
        if address != "/":
            assert f"<title>{name} · Hephaestus</title>" in page
        if address != "/api/docs":
            assert f"<h1>{name}</h1>" in page


def test_a_definition_that_is_not_offered_has_no_card(
    api: httpx.Client, visitor: httpx.Client
) -> None:
    hidden_one = DEFINITION | {"name": "Of one program", "offered": False}
    api.put("/api/v1/workflow-definitions/private", json=hidden_one).raise_for_status()
    page = visitor.get("/").text
    assert "<b>Two phases</b>" in page
    assert "Of one program" not in page


@pytest.fixture(autouse=True)
def definition(api: httpx.Client) -> None:
    parameters = [
        {"name": "thing", "label": "Thing", "type": "text", "required": True},
        {"name": "story", "label": "Story", "type": "textarea", "required": False},
        {"name": "count", "label": "Count", "type": "number", "required": True, "default": 3},
        {"name": "fast", "label": "Fast", "type": "boolean", "required": True, "default": True},
        {
            "name": "size",
            "label": "Size",
            "type": "dropdown",
            "required": True,
            "default": "small",
            "options": ["small", "large"],
        },
    ]
    template = {"parameters": parameters, "phase_1_task_prompt": "Make {thing}, {size}: {fast}"}
    body = DEFINITION | {"launch_template": template}
    api.put("/api/v1/workflow-definitions/two-phases", json=body).raise_for_status()


def test_a_stranger_is_led_to_the_login_and_back(web: WebServer) -> None:
    with browser(web) as client:
        led = client.get("/launch/two-phases")
        assert (led.status_code, led.headers["Location"]) == (
            302,
            "/login?next=/launch/two-phases",
        )
        back = log_in(client, following="/launch/two-phases")
        assert back.headers["Location"] == "/launch/two-phases"
        assert client.get(back.headers["Location"]).status_code == 200


def test_a_wrong_token_is_said_beside_its_field(web: WebServer) -> None:
    with browser(web) as client:
        refused = log_in(client, token="wrong")
        assert refused.status_code == 401
        assert "unknown, expired or revoked" in refused.text
        assert client.get("/").status_code == 302


@pytest.mark.parametrize("following", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_the_login_leads_nowhere_else(web: WebServer, following: str) -> None:
    with browser(web) as client:
        assert log_in(client, following=following).headers["Location"] == "/"


def test_the_cookie_opens_no_tool(visitor: httpx.Client) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    assert visitor.post("/mcp", json=body).status_code == 401


def test_the_cookie_is_for_our_pages_alone(web: WebServer) -> None:
    with browser(web) as client:
        cookie = log_in(client).headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
        assert ADMIN not in cookie
        assert client.get("/api/v1/tasks").status_code == 200
        # A change through the API takes a token, which no other site can make a browser send.
        assert client.post("/api/v1/tasks", json={}).status_code == 401
        client.post("/logout", data={"csrf_token": hidden(client.get("/").text, "csrf_token")})
        assert client.get("/").status_code == 302


def test_a_forged_form_changes_nothing(visitor: httpx.Client, api: httpx.Client) -> None:
    before = len(api.get("/api/v1/workflows").json()["items"])
    for token in ("", "wrong", "ä"):
        data = {"csrf_token": token, "main_repo_path": "https://a.example/r", "param-thing": "boat"}
        forged = visitor.post("/launch/two-phases", data=data)
        assert forged.status_code == 403
        assert "out of date" in forged.text
    assert len(api.get("/api/v1/workflows").json()["items"]) == before


def test_the_launch_form_has_the_right_kind_of_field_for_each(visitor: httpx.Client) -> None:
    page = visitor.get("/launch/two-phases").text
    assert re.search(r'<input type="text" id="field-param-thing"[^>]* required', page)
    assert re.search(r'<textarea id="field-param-story"', page)
    assert re.search(r'<input type="number" step="any" id="field-param-count"[^>]* value="3"', page)
    assert re.search(r'<input type="checkbox" id="field-param-fast"[^>]* checked', page)
    assert re.search(r"<option selected>small</option>\s*<option>large</option>", page)


def test_a_launch_leads_to_its_workflow(visitor: httpx.Client, api: httpx.Client) -> None:
    values = {"param-thing": "a boat", "param-count": "2", "param-size": "large"}
    started = launch(visitor, **values)
    assert started.status_code == 303
    identity = started.headers["Location"].rpartition("/")[2]
    workflow = api.get(f"/api/v1/workflows/{identity}").json()
    assert workflow["launch_params"]["fast"] is False  # its box was not ticked
    task = api.get(f"/api/v1/tasks/{workflow['initial_task_id']}").json()
    assert task["description"] == "Make a boat, large: no"
    page = visitor.get(started.headers["Location"]).text
    assert f'<a href="/tasks/{task["id"]}">{task["title"]}</a>' in page
    assert "Make a boat, large: no" in visitor.get(f"/tasks/{task['id']}").text
    assert identity in visitor.get("/workflows").text


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(visitor: httpx.Client) -> None:
    refused = launch(visitor, **{"param-thing": "boat", "param-count": "many"})
    assert refused.status_code == 422
    error = re.search(r'id="field-param-count-error">([^<]*)<', refused.text)
    assert error is not None
    assert "expected a number" in error[1]
    assert 'value="many"' in refused.text
    assert 'value="boat"' in refused.text
    nowhere = launch(
        visitor,
        **{"param-thing": "x", "param-count": "1", "param-size": "small"},
        main_repo_path="",
    )
    assert "field-main_repo_path-error" in nowhere.text


def test_a_form_sent_twice_launches_once(visitor: httpx.Client) -> None:
    form = visitor.get("/launch/two-phases").text
    data = {name: hidden(form, name) for name in ("csrf_token", "launch_key")}
    data |= {
        "main_repo_path": "https://a.example/r",
        "param-thing": "x",
        "param-count": "1",
        "param-size": "small",
    }
    first, second = (visitor.post("/launch/two-phases", data=data) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]


def test_a_form_that_was_launched_and_changed_launches_another(visitor: httpx.Client) -> None:
    values = {"param-count": "1", "param-size": "small"}
    key = hidden(visitor.get("/launch/two-phases").text, "launch_key")
    first = launch(visitor, **values, **{"param-thing": "x", "launch_key": key})
    changed = launch(visitor, **values, **{"param-thing": "y", "launch_key": key})
    assert (first.status_code, changed.status_code) == (303, 409)
    assert "started a workflow before" in changed.text
    fresh = hidden(changed.text, "launch_key")
    second = launch(visitor, **values, **{"param-thing": "y", "launch_key": fresh})
    assert second.status_code == 303
    assert second.headers["Location"] != first.headers["Location"]


def test_no_text_becomes_part_of_a_page(
    web: WebServer, visitor: httpx.Client, api: httpx.Client
) -> None:
    values = {"param-thing": HOSTILE, "param-count": "1", "param-size": "small"}
    location = launch(visitor, **values, description=HOSTILE).headers["Location"]
    engine = Engine(web.database).with_host("a")
    agent = engine.run(engine.claimed())
    record_left_out(
        web.database, agent.id, left_out=[LeftOut(HOSTILE, 2000, 0)], folder=f"/{HOSTILE}"
    )
    engine.report_done(agent, summary=HOSTILE)
    engine.end(agent)
    changes.due_merges(web.database)
    for path in (location, "/"):
        page = visitor.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "{{ 7 * 7 }}" in html.unescape(page)
    # The agent may be at work in a workflow that another test launched.
    page = html.unescape(visitor.get(f"/workflows/{agent.workflow_id}").text)
    assert f"{HOSTILE} (2,000 files, 0.0 MB)" in page
    assert f"in <code>/{HOSTILE}</code>" in page


def test_a_person_accepts_where_the_base_branch_was_moved_to(
    web: WebServer, visitor: httpx.Client, api: httpx.Client, workflow: dict[str, Any]
) -> None:
    note_moved(web.database, UUID(workflow["id"]), before=None, commit="0123456789abcdef" * 2)
    path = f"/workflows/{workflow['id']}"
    page = visitor.get(path).text
    assert "Go on with main at 01234567" in page
    assert api.get(f"/api/v1{path}").json()["base_moved_to"] == "0123456789abcdef" * 2

    token = {"csrf_token": hidden(page, "csrf_token")}
    assert visitor.post(f"{path}/approve", data=token).status_code == 303

    assert "Go on with main" not in visitor.get(path).text
    assert api.get(f"/api/v1{path}").json()["base_moved_to"] is None
    assert api.post(f"/api/v1{path}/approve").status_code == 409


def test_a_long_chain_of_tasks_is_shown(
    visitor: httpx.Client, api: httpx.Client, workflow: dict[str, Any]
) -> None:
    parent = workflow["initial_task_id"]
    for number in range(300):
        body = {
            "workflow_id": workflow["id"],
            "phase_id": 1,
            "description": f"link {number} of it",
            "parent_task_id": parent,
        }
        parent = api.post("/api/v1/tasks", json=body).json()["id"]
    page = visitor.get(f"/workflows/{workflow['id']}")
    assert page.status_code == 200
    assert "10 of 301 tasks that are not over" in page.text
    assert page.text.count(" aria-level=") == 10
    last = visitor.get(f"/workflows/{workflow['id']}", params={"q": "LINK 299"}).text
    assert "link 299 of it" in last
    assert "300 levels down" in last


def test_every_page_says_what_a_browser_may_do(visitor: httpx.Client) -> None:
    for path in ("/", "/login", "/launch/two-phases", "/nowhere", "/api/v1/health"):
        headers = visitor.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_pages_need_no_inline_script_or_style(visitor: httpx.Client) -> None:
    location = launch(
        visitor, **{"param-thing": "x", "param-count": "1", "param-size": "small"}
    ).headers["Location"]
    for path in ("/", "/login", "/launch/two-phases", location):
        page = visitor.get(path).text
        assert not re.search(r"<[^>]*\s(style|on\w+)=|<style|<script(?![^>]* src=)", page), path


def test_how_a_workflow_stands_is_shown_and_filtered(visitor: httpx.Client) -> None:
    location = launch(
        visitor, **{"param-thing": "x", "param-count": "1", "param-size": "small"}
    ).headers["Location"]
    token = hidden(visitor.get(location).text, "csrf_token")
    visitor.post(f"{location}/stop", data={"csrf_token": token})
    for path in (location, "/workflows", "/workflows?condition=over"):
        page = visitor.get(path).text
        assert '<span class="chip over"><span aria-hidden="true">✓</span> over</span>' in page, path
        assert "UTC: stopped in the browser." in page, path
    assert location in visitor.get("/workflows?condition=over").text
    assert location not in visitor.get("/workflows?condition=at_work").text
    assert "No workflow waits for you." in visitor.get("/workflows?condition=waits_for_you").text
    assert visitor.get("/workflows?condition=lost").status_code == 422


def test_workflows_are_found_by_words_of_their_titles(visitor: httpx.Client) -> None:
    values = {"param-count": "1", "param-size": "small"}
    boat = launch(visitor, **values, **{"param-thing": "a 100%_boat"}).headers["Location"]
    mast = launch(visitor, **values, **{"param-thing": "a mast"}).headers["Location"]
    page = visitor.get("/workflows", params={"title": "100%_BOAT"}).text
    assert (boat in page, mast in page) == (True, False)
    assert "No workflow has “<b>” in its title" in html.unescape(
        visitor.get("/workflows", params={"title": "<b>"}).text
    )


def test_a_stop_takes_our_form(visitor: httpx.Client, api: httpx.Client) -> None:
    location = launch(
        visitor, **{"param-thing": "x", "param-count": "1", "param-size": "small"}
    ).headers["Location"]
    assert visitor.post(f"{location}/stop").status_code == 403
    token = hidden(visitor.get(location).text, "csrf_token")
    assert visitor.post(f"{location}/stop", data={"csrf_token": token}).status_code == 303
    assert api.get(f"/api/v1{location}").json()["status"] == "stopped"
    again = visitor.post(f"{location}/stop", data={"csrf_token": token})
    assert again.status_code == 409
    assert "is stopped already" in again.text


def test_a_viewer_sees_but_does_not_launch(web: WebServer) -> None:
    ensure_token(web.database, name="watcher", role="viewer", token="watching")
    with browser(web) as client:
        log_in(client, token="watching")
        assert client.get("/").status_code == 200
        refused = client.get("/launch/two-phases")
        assert refused.status_code == 403
        assert refused.headers["Content-Type"].startswith("text/html")


def test_what_is_not_there_is_a_page(visitor: httpx.Client) -> None:
    missing = visitor.get("/workflows/6f0e7a52-4b6b-4c39-9d0d-0e6b2c3f8a11")
    assert missing.status_code == 404
    assert "No workflow 6f0e7a52" in missing.text
    assert visitor.get("/nowhere").status_code == 404


def test_a_form_that_names_what_nothing_can_be_called_is_shown_again(
    visitor: httpx.Client,
) -> None:
    assert visitor.get("/launch/%00").status_code == 422
    values = {"param-thing": "x", "param-count": "1", "param-size": "small"}
    nowhere = launch(visitor, **values, main_repo_path="/a\0")
    assert nowhere.status_code == 422
    assert "field-main_repo_path-error" in nowhere.text
    assert launch(visitor, **values, launch_key="a\0").status_code == 422


def test_none_of_this_was_a_fault_of_ours(web: WebServer) -> None:
    assert "Traceback" not in web.log.read_text()


def test_the_api_reference_is_a_page(visitor: httpx.Client, web: WebServer) -> None:
    page = visitor.get("/api/docs")
    assert page.status_code == 200
    assert '"get-apiv1taskstask_id"><code>GET /api/v1/tasks/{task_id}</code>' in page.text
    links = set(re.findall(r'href="#([\w-]+)"', page.text)) - {"main"}
    assert len(links) > 30
    assert links <= set(re.findall(r' id="([\w-]+)"', page.text))
    stranger = httpx.get(f"{web.ui_url}/api/docs", headers={"Accept": "text/html"})
    assert stranger.headers["Location"] == "/login?next=/api/docs"
