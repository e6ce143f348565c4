"""What stands around every page: the strip, the palette, keys, times and copies."""

import re
from typing import Any

import httpx
from playwright.sync_api import expect

from hephaestus_core.budgets.service import set_budget
from hephaestus_core.contract.budgets import Amount
from hephaestus_core.contract.statuses import BudgetScope
from tests.integration.web.browser.accessibility import violations
from tests.integration.web.browser.conftest import Opener
from tests.web_server import WebServer

Json = dict[str, Any]


def test_the_palette_goes_anywhere_by_keys_alone(
    opened: Opener, api: httpx.Client, workflow: Json
) -> None:
    page = opened("/hosts")
    keys = page.keyboard
    find = page.get_by_role("searchbox", name="Page, workflow or id")
    keys.press("Control+k")
    expect(find).to_be_focused()
    expect(page.get_by_role("dialog").get_by_role("link", name="Costs")).to_be_visible()
    assert violations(page) == []
    keys.type(workflow["initial_task_id"][:8])
    expect(page.get_by_role("dialog").get_by_role("link")).to_have_count(1)
    keys.press("Enter")
    expect(page).to_have_url(re.compile(f"/tasks/{workflow['initial_task_id']}"))
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    keys.press("/")
    keys.type("A BOAT")
    expect(page.get_by_role("dialog").get_by_role("link").first).to_contain_text("workflow")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/workflows/"))
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    keys.press("Control+k")
    keys.type("launch two")
    expect(page.get_by_role("dialog").get_by_role("link")).to_have_count(1)
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/launch/two-phases"))


def test_keys_are_listed_and_move_between_rows(opened: Opener, workflow: Json) -> None:
    page = opened("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("next row")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(":focus")).to_have_accessible_name(re.compile("a boat"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/workflows/"))


def test_times_are_in_the_zone_of_the_reader_and_texts_are_copied(
    opened: Opener, workflow: Json
) -> None:
    task = f"/tasks/{workflow['initial_task_id']}"
    allowed = ["clipboard-read", "clipboard-write"]
    page = opened(task, timezone_id="Asia/Kolkata", permissions=allowed)
    expect(page.get_by_text("Times are in Asia/Calcutta (GMT+05:30).")).to_be_visible()
    shown = page.locator("time").first
    expect(shown).to_have_attribute("title", re.compile(r"GMT\+5:30"))
    expect(shown).not_to_contain_text("UTC")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("status")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == workflow["initial_task_id"]


def test_the_strip_tells_the_money_of_the_day_once_it_is_known(
    opened: Opener, web: WebServer, workflow: Json
) -> None:
    page = opened("/results")
    strip = page.get_by_role("navigation", name="What waits")
    expect(strip).to_contain_text("at work")
    expect(strip).not_to_contain_text("$")
    set_budget(web.database, BudgetScope.DAY, None, Amount(60.0, None), by="admin")
    money = strip.get_by_role("link", name="$0.00 of $60 today")
    money.click()
    expect(page).to_have_url(re.compile("/costs"))
