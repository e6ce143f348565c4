"""The page of agents before people: which of a hundred get nowhere, and what is done about it."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hephaestus_core.contract.events import EventType
from hephaestus_core.events.log import emit
from hephaestus_core.guardian.sweeping import record_looks
from hephaestus_core.messages.mailbox import page_of_messages
from tests.fleet import Fleet, at_work, fleet
from tests.integration.web.browser.accessibility import violations
from tests.integration.web.browser.conftest import PHONE, Opener
from tests.terminals import pane
from tests.web_server import WebServer


@pytest.fixture(scope="module")
def hundred(web: WebServer) -> Fleet:
    return fleet(web.database, 100)


def test_the_drawer_shows_the_live_terminal_and_ends_it_when_it_is_closed(
    web: WebServer, opened: Opener, tmp_path: Path
) -> None:
    assert web.redis_url is not None
    with pane(web.database, web.redis_url, web.home, host=f"host-{tmp_path.name}") as it:
        it.run("echo 'hammer the iron'; read x; echo quenched; read x")
        it.wait_for_log(b"hammer")
        it.streaming.start()
        page = opened(f"/agents?host=host-{tmp_path.name}")
        page.get_by_role("region", name="Agents").get_by_role("link").click()
        drawer = page.get_by_role("dialog")
        shown = drawer.get_by_role("region", name="Terminal").locator(".xterm-rows")
        expect(shown).to_contain_text("hammer the iron")
        expect(drawer.get_by_role("heading", name="Last screen")).to_be_hidden()
        it.machine.tmux.send_keys(it.session, "Enter")
        expect(shown).to_contain_text("quenched")
        drawer.get_by_role("button", name="Close").click()
        expect(page.locator(".xterm-rows")).to_have_count(0)


def test_rows_in_view_show_their_screens_as_they_change(
    web: WebServer, opened: Opener, tmp_path: Path
) -> None:
    assert web.redis_url is not None
    host = f"host-{tmp_path.name}"
    with pane(web.database, web.redis_url, web.home, host=host) as it:
        it.run(r"printf '\033[31mhammer\033[0m <b>the iron</b>\n'; read x; echo quenched; read x")
        it.wait_for_log(b"hammer")
        it.streaming.start()
        page = opened(f"/agents?host={host}")
        shown = page.locator(".glance")
        expect(shown).to_contain_text("hammer <b>the iron</b>")
        expect(shown.locator("span", has_text="hammer")).to_have_class("front-1")
        height = page.get_by_role("listitem").last.bounding_box()
        it.machine.tmux.send_keys(it.session, "Enter")
        expect(shown).to_contain_text("quenched")
        assert page.get_by_role("listitem").last.bounding_box() == height, "nothing jumps"
        page.get_by_role("link", name="Hide the screens").click()
        expect(page.get_by_role("link", name="Show the screens")).to_be_visible()
        expect(shown).to_have_count(0)


def test_pinned_terminals_are_live_beside_the_list_and_in_the_address(
    web: WebServer, opened: Opener, tmp_path: Path
) -> None:
    assert web.redis_url is not None
    host = f"host-{tmp_path.name}"
    with ExitStack() as panes:
        it, *_ = [
            panes.enter_context(pane(web.database, web.redis_url, web.home, host=host))
            for _ in range(5)
        ]
        it.run("echo 'hammer the iron'; read x; echo quenched; read x")
        it.wait_for_log(b"hammer")
        it.streaming.start()
        page = opened(f"/agents?host={host}")
        page.get_by_role("region", name="Agents").get_by_role("link").first.focus()
        page.keyboard.press("p")
        pinned = page.get_by_role("region", name="Terminal of")
        shown = pinned.first.locator(".xterm-rows")
        expect(shown).to_contain_text("hammer the iron")
        expect(page.get_by_role("button", name="Pinned", exact=True)).to_have_count(1)
        page.get_by_role("searchbox", name="Find").fill("task of")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("q=task"))
        expect(shown).to_contain_text("hammer the iron")
        pin = page.get_by_role("button", name="Pin the terminal").first
        for number in range(2, 5):
            pin.focus()
            page.keyboard.press("Enter")
            expect(pinned).to_have_count(number)
        expect(pin).to_be_disabled()
        page.reload()
        expect(pinned).to_have_count(4)
        expect(shown).to_contain_text("hammer the iron")
        it.machine.tmux.send_keys(it.session, "Enter")
        expect(shown).to_contain_text("quenched")
        assert violations(page) == []
        page.get_by_role("link", name="Unpin").first.click()
        expect(pinned).to_have_count(3)
        expect(pinned.get_by_text("quenched")).to_have_count(0)


def test_rows_out_of_view_are_brought_up_to_date_when_they_come_into_view(
    web: WebServer, opened: Opener, hundred: Fleet
) -> None:
    page = opened("/agents")
    last = page.locator(f"#agent-{hundred.agents[90].id}")
    first = page.locator(f"#agent-{hundred.agents[1].id}")
    page.get_by_text("live", exact=True).wait_for()
    page.wait_for_timeout(1000)  # no row of it is on its way any more
    looks = {hundred.agents[number].id: at_work(number + 601) for number in (1, 90)}
    record_looks(web.database, looks)
    with web.database.transaction() as session:
        emit(session, EventType.AGENT_REMINDED, reminders=1)
    expect(first).to_contain_text("module_602")
    assert "module_691" not in (last.text_content() or "")
    last.scroll_into_view_if_needed()
    expect(last).to_contain_text("module_691")


def test_the_hung_and_the_looping_one_of_a_hundred_are_two_clicks_away(
    opened: Opener, hundred: Fleet
) -> None:
    page = opened("/")
    for word, evidence in (("stuck", "Nothing has moved"), ("looping", "36 times in a row")):
        page.goto("/agents")
        page.get_by_role("link", name=re.compile(rf"^{word} 1$")).click()
        rows = page.get_by_role("region", name="Agents").get_by_role("listitem")
        expect(rows).to_have_count(1)
        page.get_by_text("live", exact=True).wait_for()  # before, a link leads to a page of its own
        rows.get_by_role("link").click()
        expect(page.get_by_role("dialog")).to_contain_text(evidence)


def test_the_drawer_works_by_keyboard_and_sends_a_message(
    web: WebServer, opened: Opener, hundred: Fleet
) -> None:
    page = opened("/agents?verdict=looping")
    link = page.get_by_role("region", name="Agents").get_by_role("link")
    link.focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(link).to_be_focused()

    page.keyboard.press("Enter")
    drawer.get_by_label("Message to the agent").fill("Read the error of test_cart first.")
    drawer.get_by_role("button", name="Send", exact=True).click()
    expect(drawer.get_by_text("Read the error of test_cart first.")).to_be_visible()
    expect(drawer.get_by_label("Message to the agent")).to_have_value("")
    messages, _ = page_of_messages(web.database, agent_id=hundred.looping.id)
    assert [each.text for each in messages] == ["Read the error of test_cart first."]


def test_the_pages_of_agents_have_no_fault_in_either_theme_and_fit_a_phone(
    opened: Opener, hundred: Fleet
) -> None:
    for options in ({}, {"theme": "dark"}, {"size": PHONE}):
        page = opened("/agents?verdict=looping", **options)
        assert violations(page) == []
        page.goto("/agents")
        assert violations(page) == []
        page.get_by_role("region", name="Agents").get_by_role("link").nth(1).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page) == []
        page.goto(f"/agents/{hundred.agents[1].id}")
        assert violations(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= page.viewport_size["width"]
