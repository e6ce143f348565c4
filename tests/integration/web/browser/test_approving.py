"""A person looks at work, marks what is seen, comments, sends it back, and approves it."""

import re
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.tasks.service import get_task
from tests.engine import Engine
from tests.integration.web.browser.accessibility import violations
from tests.integration.web.browser.conftest import DESKTOP, PHONE, Opener
from tests.integration.web.conftest import DEFINITION
from tests.integration.web.waiting_work import PRICES, SECOND, WaitingWork, diff_of, waiting_work
from tests.web_server import WebServer

MENDED = {**PRICES, "tests/test_prices.py": ("def test_total():\n", "def test_total():\n    ...\n")}


@pytest.fixture
def work(web: WebServer) -> WaitingWork:
    return waiting_work(Engine(web.database).with_host("page", slots=1000))


def delivery(work: WaitingWork) -> str:
    return get_workflow(work.engine.db, work.workflow_id).delivery.status


def file(page: Page, path: str) -> Locator:
    return page.get_by_role("table", name=f"Changes of {path}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_way_from_the_inbox_over_a_comment_to_the_approval(
    opened: Opener, work: WaitingWork, size: tuple[int, int]
) -> None:
    page = opened(f"/workflows/{work.workflow_id}/approve", size=size)
    first = page.get_by_role("region", name="Before you decide")
    for told in ("agent settings changed", "tests removed", "binary file"):
        expect(first.get_by_text(told)).to_be_visible()
    expect(page.get_by_text("binary, 2.3 MB").first).to_be_visible()
    expect(file(page, "shop/prices.py").get_by_text("* (1 + tax)")).to_be_visible()
    assert violations(page) == []

    # A big file comes once it is opened.
    page.get_by_role("link", name="data/rates.csv").click()
    expect(file(page, "data/rates.csv").get_by_text("699,0.699")).to_be_visible()

    # What was seen stays so.
    page.get_by_role("link", name="shop/prices.py").click()
    page.get_by_label("Seen").first.check()
    expect(page.get_by_role("status").get_by_text("1 of 5 seen")).to_be_visible()
    page.goto(f"/workflows/{work.workflow_id}/approve")
    expect(page.get_by_role("status").get_by_text("1 of 5 seen")).to_be_visible()
    expect(file(page, "shop/prices.py")).to_be_hidden()

    # Comments are collected, survive a reload, and go back together.
    page.get_by_role("button", name="Comment on tests/test_prices.py, removed line 1").click()
    page.get_by_label("Your comment on tests/test_prices.py").fill("Keep this test.")
    page.get_by_role("button", name="Keep the comment").click()
    page.reload()
    page.get_by_text("Send back (1)").click()
    expect(page.get_by_text("tests/test_prices.py, removed line 1")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Send it back").click()
    expect(page.get_by_role("heading", name=re.compile("Mend what was sent back"))).to_be_visible()
    task_id = UUID(page.url.rsplit("/", 1)[1])
    told = get_task(work.engine.db, task_id).description
    assert "tests/test_prices.py, removed line 1: Keep this test." in told
    assert "\ndef test_total():\n" in told
    assert delivery(work) == "none"

    # Looked at again: what is the same is still seen, and the comment is done with.
    work.finish(task_id, diff_of(MENDED, SECOND))
    page.goto(f"/workflows/{work.workflow_id}/approve")
    expect(page.get_by_role("status").get_by_text("1 of 4 seen")).to_be_visible()
    expect(page.get_by_text("Send back", exact=True)).to_be_visible()
    page.get_by_role("button", name="Approve → main").click()
    expect(page.get_by_role("heading", name="Add the tax to all prices")).to_be_visible()
    assert delivery(work) == "pending"


def test_an_approval_of_what_has_moved_says_what_came(opened: Opener, work: WaitingWork) -> None:
    page = opened(f"/workflows/{work.workflow_id}/approve", size=PHONE)
    page.get_by_role("button", name="Comment on shop/prices.py, line 2").click()
    page.get_by_label("Your comment on shop/prices.py, line 2").fill("Round it.")
    page.get_by_role("button", name="Keep the comment").click()
    work.add("Round the sum", diff_of({**MENDED, "shop/rounding.py": ("", "x = 1\n")}, SECOND))
    page.get_by_role("button", name="Approve → main").click()
    expect(page.get_by_role("alert")).to_contain_text("at commit 222222222222 now, not 1111111111")
    expect(page.get_by_text("1 merge since your look")).to_be_visible()
    expect(page.get_by_role("link", name="Round the sum")).to_be_visible()
    expect(page.get_by_text("shop/rounding.py")).to_be_visible()
    assert violations(page) == []
    assert delivery(work) == "awaiting_approval"
    page.get_by_role("link", name="Look at it as it is now").click()
    # The file is the same, so the comment stands where it stood.
    expect(page.get_by_text("Round it.").first).to_be_visible()
    page.get_by_role("button", name="Approve → main").click()
    expect(page.get_by_role("heading", name="Add the tax to all prices")).to_be_visible()
    assert delivery(work) == "pending"


def test_what_a_person_gave_keeps_its_lines_and_can_be_unfolded(
    opened: Opener, api: httpx.Client
) -> None:
    fields = [
        {"name": "what", "label": "What it does", "type": "textarea", "required": True},
        {"name": "files", "label": "Most files", "type": "number", "default": 4},
        {"name": "tests", "label": "Write tests", "type": "boolean", "default": True},
    ]
    template = {"parameters": fields, "phase_1_task_prompt": "Build {what}, {files}, {tests}"}
    definition = {"name": "Typed", "phases": DEFINITION["phases"], "launch_template": template}
    api.put("/api/v1/workflow-definitions/typed", json=definition).raise_for_status()
    given = {"what": "Round totals:\n- to cents\n- once", "files": 7, "tests": False}
    order = {"definition_id": "typed", "main_repo_path": "https://a.example/typed"}
    made = api.post("/api/v1/workflows", json={**order, "launch_params": given}).json()
    page = opened(f"/workflows/{made['id']}/approve", size=PHONE)
    facts = page.locator(".given").inner_text()
    assert "Round totals:\n- to cents\n- once" in facts
    assert "Most files\n7" in facts
    assert "Write tests\nno" in facts
    told = page.get_by_text("As its agent was told")
    mark = "each => getComputedStyle(each, '::before').content"
    assert "▸" in told.evaluate(mark)
    told.click()
    assert "▾" in told.evaluate(mark)
