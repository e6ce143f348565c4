"""Launching without scripts: what can be launched, links that fill the form, faults, previews."""

import html
import re
from typing import Any

import httpx
import pytest

from hephaestus_core.access.service import ensure_token
from tests.integration.web.browsing import browser, hidden, log_in
from tests.integration.web.conftest import DEFINITION
from tests.web_server import WebServer

HOSTILE = "</textarea></div><script>alert(1)</script>\"'{thing} {{ 7 * 7 }}"
PARAMETERS: list[dict[str, Any]] = [
    {"name": "bug_title", "label": "Bug Title", "type": "text"},
    {"name": "story", "label": "The story", "type": "textarea", "required": False},
    {"name": "count", "label": "Tries", "type": "number", "default": 3},
    {"name": "urgent", "label": "Urgent", "type": "boolean", "default": False},
    {"name": "severity", "label": "Severity", "type": "dropdown", "options": ["High", "Low"]},
]
TEMPLATE = {
    "parameters": PARAMETERS,
    "phase_1_task_prompt": "Fix {bug_title}, {severity}, {count} tries, urgent: {urgent}. {story}",
}


@pytest.fixture(autouse=True)
def definitions(api: httpx.Client) -> None:
    bug_fix = DEFINITION | {"name": "Bug Fix", "launch_template": TEMPLATE}
    api.put("/api/v1/workflow-definitions/bug-fix", json=bug_fix).raise_for_status()
    api.put("/api/v1/workflow-definitions/other", json=DEFINITION).raise_for_status()


def sent(client: httpx.Client, place: str = "", **values: str) -> httpx.Response:
    """Fill in and send the form."""
    form = client.get("/launch/bug-fix").text
    tokens = {name: hidden(form, name) for name in ("csrf_token", "launch_key")}
    return client.post(f"/launch/bug-fix{place}", data=tokens | values)


def prompt(page: str) -> str:
    """Return the shown text of the first task."""
    found = re.search(r'id="prompt"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert found is not None
    return html.unescape(re.sub(r"<[^>]*>", "", found[1]))


def test_all_faults_are_named_at_once_by_label_and_lead_to_their_fields(
    visitor: httpx.Client, api: httpx.Client
) -> None:
    refused = sent(
        visitor,
        **{"param-bug_title": "  ", "param-count": "many", "param-story": HOSTILE},
        main_repo_path=" ",
        max_agents="0",
    )
    assert refused.status_code == 422
    summary = re.search(r'<div class="faults"[^>]*autofocus.*?</div>', refused.text, re.DOTALL)
    assert summary is not None
    links = re.findall(r'<li><a href="#([\w-]+)">([^<]*)</a>', summary[0])
    assert [(id_, html.unescape(says)) for id_, says in links] == [
        ("field-param-bug_title", "Bug Title is required."),
        ("field-param-count", "Tries: expected a number, found 'many'."),
        ("field-param-severity", "Severity is required."),
        ("field-main_repo_path", "Repository is required."),
        ("field-max_agents", "Most agents at once must be at least 1."),
    ]
    for id_, _ in links:
        assert re.search(rf'id="{id_}"[^>]* aria-invalid="true"[^>]*"{id_}-error', refused.text)
    assert "<script>alert" not in refused.text
    assert f"\n{html.escape(HOSTILE, quote=True)}" in refused.text.replace(
        "&#34;", "&quot;"
    ).replace("&#39;", "&#x27;")
    # Programs are told the same, with the names that they use.
    body = {"definition_id": "bug-fix", "launch_params": {"count": "many"}, "base_branch": "a..b"}
    errors = api.post("/api/v1/workflows", json=body).json()["errors"]
    fields = ["main_repo_path", *(f"launch_params.{n}" for n in ("bug_title", "count", "severity"))]
    assert [error["field"] for error in errors] == [*fields, "base_branch"]


def test_a_link_fills_the_form_and_the_prompt_shows_what_is_missing(visitor: httpx.Client) -> None:
    page = visitor.get(
        "/launch/bug-fix",
        params={
            "bug_title": HOSTILE,
            "urgent": "yes",
            "main_repo_path": "https://me:hunter2@a.example/r",
            "launch_key": "theirs",
            "severity": "Huge",
        },
    ).text
    assert "hunter2" not in page
    assert 'value="https://a.example/r"' in page
    assert "<script>alert" not in page
    assert hidden(page, "launch_key") != "theirs"
    assert re.search(r'id="field-param-urgent"[^>]* checked', page)
    assert "Severity: expected one of High, Low" in html.unescape(page)
    assert prompt(page) == f"Fix {HOSTILE}, {{Severity}}, 3 tries, urgent: yes. {{The story}}"


def test_a_preview_starts_nothing_and_keeps_what_was_entered(
    visitor: httpx.Client, api: httpx.Client
) -> None:
    before = api.get("/api/v1/workflows").json()["items"]
    values = {"param-bug_title": "it", "param-count": "1e3", "param-severity": "Low"}
    looked = sent(visitor, "/preview", **values, main_repo_path="http://u:hunter2@127.0.0.1:1/r")
    assert looked.status_code == 200
    ahead = html.unescape(looked.text.partition('id="ahead"')[2])
    assert "The branches of http://127.0.0.1:1/r cannot be listed from here" in ahead
    assert "<b>claude</b>: no host has registered yet" in ahead
    assert "No run has ended yet" in ahead
    assert "hunter2" not in looked.text
    assert prompt(looked.text) == "Fix it, Low, 1000.0 tries, urgent: no. {The story}"
    assert 'value="1e3"' in looked.text
    assert api.get("/api/v1/workflows").json()["items"] == before
    done = api.get("/api/v1/audit").json()["items"]
    assert "pages.preview" not in {entry["action"] for entry in done}
    assert visitor.post("/launch/bug-fix/preview", data=values).status_code == 403


def test_a_run_that_is_over_is_launched_again_with_its_values(
    visitor: httpx.Client, api: httpx.Client, web: WebServer
) -> None:
    values = {"param-bug_title": "it", "param-count": "0.5", "param-severity": "High"}
    options = {"auto_merge": "false", "max_agents": "2", "test_command": "make check"}
    location = sent(
        visitor,
        **values,
        **options,
        **{"param-urgent": "true"},
        main_repo_path="https://a.example/r",
    ).headers["Location"]
    assert "Launch again" not in visitor.get(location).text
    token = hidden(visitor.get(location).text, "csrf_token")
    visitor.post(f"{location}/stop", data={"csrf_token": token})
    again = re.search(r'href="([^"]*)">Launch again<', visitor.get(location).text)
    assert again is not None
    page = visitor.get(again[1]).text
    for name, value in values.items() | options.items():
        assert re.search(rf'name="{name}"[^>]* value="{re.escape(value)}"', page) or re.search(
            rf'name="{name}".*?<option(?: value="{value}")? selected>', page, re.DOTALL
        ), name
    assert re.search(r'id="field-param-urgent"[^>]* checked', page)
    assert 'value="https://a.example/r"' in page
    ensure_token(web.database, name="watcher", role="viewer", token="watching")
    with browser(web) as client:
        log_in(client, token="watching")
        assert "Launch again" not in client.get(location).text
        listed = client.get("/launch")
        assert listed.status_code == 200
        assert 'href="/launch/bug-fix"' not in listed.text


def test_the_definitions_stand_in_the_order_of_their_last_use(
    visitor: httpx.Client, api: httpx.Client
) -> None:
    def order() -> list[str]:
        return re.findall(r'href="/launch/([\w-]+)"', visitor.get("/launch").text)

    for definition in ("other", "bug-fix", "other"):
        given = {"thing": "a"} if definition == "other" else {"bug_title": "a", "severity": "Low"}
        body = {"definition_id": definition, "launch_params": given}
        api.post(
            "/api/v1/workflows", json=body | {"main_repo_path": f"https://a.example/{definition}"}
        ).raise_for_status()
        assert order()[0] == definition
    page = visitor.get("/launch").text
    assert 'aria-current="page">Launch<' in page
    assert "not used yet" not in page.split("Two phases")[0]
    known = re.findall(r'<option value="(https[^"]*)">', visitor.get("/launch/bug-fix").text)
    assert known[:2] == ["https://a.example/other", "https://a.example/bug-fix"]


def test_who_approves_reads_what_a_person_gave_before_what_the_agent_was_told(
    visitor: httpx.Client, api: httpx.Client
) -> None:
    body = {"definition_id": "bug-fix", "main_repo_path": "https://a.example/asked"}
    given = {"bug_title": "Prices are wrong", "severity": "Low"}
    made = api.post("/api/v1/workflows", json=body | {"launch_params": given}).json()
    page = visitor.get(f"/workflows/{made['id']}/approve").text
    asked, told = page.split("As its agent was told")
    assert "<dt>Bug title</dt><dd>Prices are wrong</dd>" in asked
    assert "<dt>Severity</dt><dd>Low</dd>" in asked
    assert "Prices are wrong" in told


def test_none_of_this_was_a_fault_of_ours(web: WebServer) -> None:
    assert "Traceback" not in web.log.read_text()
