"""The page of a workflow in a browser: its tasks by keyboard, filter and graph, and its stop."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Page, expect

from hephaestus_core.agents.views import Trouble
from tests.engine import Engine
from tests.integration.web.browser.accessibility import violations
from tests.integration.web.browser.conftest import PHONE, Opener
from tests.waiting import wait_until
from tests.web_server import WebServer


@pytest.fixture
def tree(api: httpx.Client, workflow: dict[str, Any]) -> dict[str, Any]:
    """The workflow with two parts below its first task, and one below the first part."""
    made: dict[str, str] = {}
    for title, parent in (("Keel", ""), ("Planks", "Keel"), ("Mast", "")):
        body = {
            "workflow_id": workflow["id"],
            "phase_id": 2,
            "title": title,
            "description": f"Make the {title}.",
            "parent_task_id": made.get(parent, workflow["initial_task_id"]),
        }
        answer = api.post("/api/v1/tasks", json=body)
        answer.raise_for_status()
        made[title] = answer.json()["id"]
    return workflow


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.querySelector('a')?.textContent ?? ''")
    return text


def test_the_outline_is_walked_by_keyboard(opened: Opener, tree: dict[str, Any]) -> None:
    page = opened(f"/workflows/{tree['id']}")
    grid = page.get_by_role("treegrid", name="Tasks by creator")
    expect(grid.get_by_role("row")).to_have_count(5)
    grid.get_by_role("row").nth(1).focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Keel"
    page.keyboard.press("ArrowLeft")
    expect(grid.get_by_role("row")).to_have_count(4)
    assert (focused(page), "fold=-" in page.url) == ("Keel", True)
    page.keyboard.press("ArrowRight")
    expect(grid.get_by_role("link", name="Planks")).to_be_visible()
    page.keyboard.press("End")
    assert focused(page) == "Mast"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "Keel"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Keel")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_failed_tasks_are_selected_and_restarted_by_keyboard(
    opened: Opener, web: WebServer, workflow: dict[str, Any], scripts: bool
) -> None:
    engine = Engine(web.database, UUID(workflow["id"])).with_host("anvil", slots=10)
    for part in ("bow", "stern"):
        engine.create(f"Paint the {part}")
    while agent := engine.claim("anvil"):
        engine.end(engine.run(agent), failure=Trouble("permanent", "no paint"))
    page = opened(f"/workflows/{workflow['id']}", java_script_enabled=scripts)
    stern = page.get_by_role("checkbox", name="Select Paint the stern")
    if scripts:
        assert violations(page) == []
        page.get_by_role("row", name="Paint the stern").focus()
        page.keyboard.press("Tab")
    else:
        stern.focus()
    expect(stern).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Restart the selected").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 of 1 task queued again")).to_be_visible()
    expect(page.get_by_role("link", name="Paint the stern")).to_be_visible()
    page.get_by_role("link", name="Back to the workflow").click()
    page.get_by_role("link", name="Show only the failed").click()
    expect(page.get_by_role("checkbox")).to_have_count(2)
    page.get_by_role("button", name="Restart all 2 failed").click()
    expect(page.get_by_role("heading", name="2 of 2 tasks queued again")).to_be_visible()


def test_the_filter_stands_in_the_address_and_needs_no_script(
    opened: Opener, tree: dict[str, Any]
) -> None:
    page = opened(f"/workflows/{tree['id']}", java_script_enabled=False)
    page.get_by_label("Text").fill("plank")
    page.get_by_role("button", name="Filter").click()
    assert "q=plank" in page.url
    expect(page.get_by_text("1 task matches")).to_be_visible()
    expect(page.get_by_role("link", name="Mast", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Fold", exact=True).first.click()
    expect(page.get_by_role("link", name="Planks", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("link", name="Mast", exact=True)).to_be_visible()


def test_graph_and_timeline_show_the_tasks(opened: Opener, tree: dict[str, Any]) -> None:
    page = opened(f"/workflows/{tree['id']}", size=PHONE, theme="dark")
    page.get_by_role("link", name="Graph").click()
    canvas = page.get_by_role("img", name="All tasks as dots")
    expect(canvas).to_have_attribute("data-drawn", "4")
    inked = page.evaluate("""() => {
        const canvas = document.querySelector("canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((value, place) => place % 4 === 3 && value > 0).length;
    }""")
    assert inked > 100
    assert violations(page) == []
    page.get_by_role("link", name="Timeline").click()
    expect(page.get_by_text("No attempt yet.")).to_be_visible()


def test_a_stop_can_be_undone_for_five_seconds(
    opened: Opener, api: httpx.Client, workflow: dict[str, Any]
) -> None:
    def status() -> str:
        told: str = api.get(f"/api/v1/workflows/{workflow['id']}").json()["status"]
        return told

    page = opened(f"/workflows/{workflow['id']}")
    stop = page.get_by_role("button", name="Stop this workflow")
    stop.click()
    expect(page.get_by_text("are stopped in 5 seconds")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    stop.click()
    assert status() == "active"
    expect(stop).to_have_count(0)
    wait_until(lambda: status() == "stopped", timeout=30, what="the workflow is stopped")
    with_no_script = opened(f"/workflows/{workflow['id']}/stop", java_script_enabled=False)
    with_no_script.get_by_role("button", name="Stop it").click()
    expect(with_no_script.get_by_text("is stopped already")).to_be_visible()
