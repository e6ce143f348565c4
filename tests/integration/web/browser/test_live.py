"""Pages follow what happens and leave their readers alone; they say when they cannot follow."""

import os
import re
import signal
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import psutil
import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from hephaestus_core.questions.asking import ask
from hephaestus_core.tasks.service import bump_task
from tests.engine import Engine
from tests.integration.web.browser.conftest import Opener
from tests.servers import Valkey
from tests.waiting import wait_until
from tests.web_server import ADMIN, WebServer, running_web

Json = dict[str, Any]


@pytest.fixture
def engine(web: WebServer, workflow: Json) -> Engine:
    engine = Engine(web.database).with_host("page", slots=1000)
    engine.workflow_id = UUID(workflow["id"])
    return engine


def asked(engine: Engine, title: str) -> None:
    """Have an agent ask at a new task."""
    task = engine.create(f"Do it: {title}", title=title)
    bump_task(engine.db, task.id)
    agent = engine.run(engine.claimed("page"))
    ask(engine.db, agent.id, f"How shall I {title}?", options=["red", "blue"], hours=1)


def add_task(api: httpx.Client, workflow: Json, title: str) -> None:
    order = {"workflow_id": workflow["id"], "phase_id": 1, "title": title, "description": title}
    api.post("/api/v1/tasks", json=order).raise_for_status()


def strip(page: Page) -> Any:
    return page.get_by_role("navigation", name="What waits")


def test_a_refresh_leaves_the_reader_alone(opened: Opener, engine: Engine) -> None:
    asked(engine, "paint the hull")
    page = opened("/inbox")
    waits = re.search(r"\d+", strip(page).inner_text())
    assert waits is not None
    row = page.get_by_role("listitem").filter(has_text="paint the hull")
    row.get_by_text("Answer in words").first.click()
    field = row.get_by_label("Your answer")
    field.fill("Half of an ans")
    field.evaluate("field => field.setSelectionRange(2, 6)")
    asked(engine, "caulk the seams")
    expect(page.get_by_text("How shall I caulk the seams?")).to_be_visible()
    count = int(waits[0]) + 1
    expect(strip(page)).to_contain_text(f"{count} for you")
    assert page.title() == f"({count}) For you · Hephaestus"
    expect(field).to_have_value("Half of an ans")
    expect(field).to_be_focused()
    page.keyboard.type("other")
    expect(field).to_have_value("Haotherf an ans")


def test_text_for_something_that_is_settled_meanwhile_is_kept(
    opened: Opener, engine: Engine
) -> None:
    asked(engine, "launch the boat")
    page, other = opened("/inbox"), opened("/inbox")
    row = page.get_by_role("listitem").filter(has_text="launch the boat")
    row.get_by_text("Answer in words").first.click()
    row.get_by_label("Your answer").fill("At high tide")
    theirs = other.get_by_role("listitem").filter(has_text="launch the boat")
    theirs.get_by_role("button", name="blue").click()
    expect(theirs).to_have_count(0)
    expect(row.locator("xpath=self::*[@data-gone]")).to_be_visible()
    expect(row.get_by_label("Your answer")).to_have_value("At high tide")


def test_refreshes_are_few_and_small(opened: Opener, api: httpx.Client, workflow: Json) -> None:
    page = opened(f"/workflows/{workflow['id']}")
    answers: list[str] = []

    def count(response: Any) -> None:
        if "x-parts" in response.request.headers and "/workflows/" in response.url:
            answers.append(response.text() if response.ok else "")

    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.on("response", count)
    began = page.evaluate("performance.now()")
    for number in range(20):
        add_task(
            api, workflow, f"Task {number} of many, and unlike the others: {'abc'[number % 3]}"
        )
    add_task(api, workflow, "The last of them")
    expect(page.get_by_text("The last of them").first).to_be_visible()
    took = page.evaluate("performance.now()") - began
    assert 1 <= len(answers) <= took / 500 + 2
    assert "The last of them" in answers[-1]
    # A part that has not changed, and what stands around the parts.
    assert all("Agents at work" not in each and "<main" not in each for each in answers)


def test_a_lost_connection_is_told_and_made_up_for(
    opened: Opener, api: httpx.Client, workflow: Json
) -> None:
    page = opened(f"/workflows/{workflow['id']}")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    bar = page.get_by_role("alert")
    page.context.set_offline(True)
    expect(bar).to_contain_text("No connection to Hephaestus since")
    act = page.get_by_role("button", name="Stop this workflow")
    expect(act).to_be_disabled()
    act.click(force=True)
    add_task(api, workflow, "Made meanwhile")
    page.context.set_offline(False)
    expect(page.get_by_text("Made meanwhile").first).to_be_visible()
    expect(bar).to_be_hidden()
    expect(act).to_be_enabled()
    assert api.get(f"/api/v1/workflows/{workflow['id']}").json()["status"] == "active"


#: Keeps the parts of the page that are marked, however soon the mark goes.
WATCH_MARKS = """
window.marked = new Set();
new MutationObserver((changes) => {
  for (const { target } of changes) {
    if (target.classList.contains("news")) marked.add(target.dataset.part);
  }
}).observe(document.querySelector("main"), { attributeFilter: ["class"], subtree: true });
"""


#: Nothing was answered for so long that all refreshes are over which were due.
IS_QUIET = """
performance.getEntriesByType("resource")
  .every(({ responseEnd }) => performance.now() - responseEnd > 2000)
"""


def test_what_changed_without_a_connection_is_marked_once_it_is_back(
    opened: Opener, api: httpx.Client, workflow: Json
) -> None:
    page = opened(f"/workflows/{workflow['id']}")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.evaluate(WATCH_MARKS)
    add_task(api, workflow, "Made before")
    expect(page.get_by_text("Made before").first).to_be_visible()
    assert page.evaluate("[...marked]") == []
    wait_until(lambda: page.evaluate(IS_QUIET), what="nothing is asked for")
    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("No connection")
    add_task(api, workflow, "Made meanwhile")
    page.context.set_offline(False)
    wait_until(lambda: page.evaluate("marked.size > 0"), what="a part is marked")
    marked = page.evaluate("[...marked]")
    changed = page.locator("[data-part^=rows-]").filter(has_text="Made meanwhile")
    assert changed.get_attribute("data-part") in marked
    assert "merges" not in marked
    expect(page.locator(".news")).to_have_count(0)
    add_task(api, workflow, "Made after")
    expect(page.get_by_text("Made after").first).to_be_visible()
    assert page.evaluate("[...marked]") == marked


def test_an_answer_from_before_the_loss_does_not_pass_for_all_that_changed_since(
    opened: Opener, api: httpx.Client, workflow: Json
) -> None:
    page = opened(f"/workflows/{workflow['id']}")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.evaluate(WATCH_MARKS)
    late: list[tuple[Route, APIResponse]] = []
    page.route("**/workflows/*", lambda route: late.append((route, route.fetch())), times=1)
    add_task(api, workflow, "Made before")
    # Routes are called while Playwright is asked for something.
    wait_until(lambda: page.evaluate("1") and late, what="the page is asked for")
    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("No connection")
    add_task(api, workflow, "Made meanwhile")
    [(route, answer)] = late
    route.fulfill(response=answer)
    expect(page.get_by_text("Made before").first).to_be_visible()
    page.context.set_offline(False)
    changed = page.locator("[data-part^=rows-]").filter(has_text="Made meanwhile")
    expect(changed).to_have_count(1)
    assert changed.get_attribute("data-part") in page.evaluate("[...marked]")


def test_a_server_that_hangs_is_noticed(opened: Opener, web: WebServer) -> None:
    page = opened("/")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    workers = psutil.Process(web.process.pid).children()
    for worker in workers:
        os.kill(worker.pid, signal.SIGSTOP)
    try:
        expect(page.get_by_role("alert")).to_contain_text("No connection")
    finally:
        for worker in workers:
            os.kill(worker.pid, signal.SIGCONT)
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.fixture
def several(database_url: str, valkey_server: Valkey, tmp_path: Any) -> Iterator[WebServer]:
    with running_web(tmp_path, database_url, valkey_server.next_url(), "-w", "2") as web:
        yield web


def test_a_page_is_live_with_several_web_processes(chromium: Browser, several: WebServer) -> None:
    page = chromium.new_page(base_url=several.ui_url)
    page.goto("/login")
    page.get_by_label("Token or login link").fill(ADMIN)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.context.close()


def test_a_page_that_gets_no_websocket_polls(opened: Opener) -> None:
    page = opened("/nowhere")
    page.add_init_script(
        "WebSocket = class extends WebSocket { constructor() { super('ws://127.0.0.1:1/'); } };"
    )
    page.goto("/")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
