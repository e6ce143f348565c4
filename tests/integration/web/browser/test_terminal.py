"""The live terminal in a real browser, from a real tmux pane through the real stream."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hephaestus_core.access.audit import list_entries
from hephaestus_core.access.service import ensure_token
from hephaestus_core.terminals.keyboards import is_held
from tests.integration.web.browser.accessibility import violations
from tests.integration.web.browser.conftest import PHONE, Opener
from tests.terminals import Pane, pane
from tests.waiting import wait_until
from tests.web_server import WebServer

COLOURS = (
    r"printf 'plain \033[31mred\033[0m \033[38;2;10;200;30mtrue\033[0m \033[44mon blue\033[0m\n';"
)


@pytest.fixture
def agent(web: WebServer, tmp_path: Path) -> Iterator[Pane]:
    """An agent on the machine of the web process."""
    assert web.redis_url is not None
    with pane(web.database, web.redis_url, web.home, host=f"host-{tmp_path.name}") as made:
        yield made


def terminal(page: Page) -> Any:
    return page.get_by_role("region", name="Terminal")


def colour(page: Page, text: str, name: str = "color") -> str:
    cell = page.locator(".xterm-rows span", has_text=re.compile(f"^{text}$"))
    found: str = cell.evaluate("(cell, name) => getComputedStyle(cell)[name]", name)
    return found


def test_it_shows_colours_then_what_is_written_until_the_end(opened: Opener, agent: Pane) -> None:
    agent.run(f"{COLOURS} read x; echo typed; read x; echo last")
    agent.wait_for_log(b"on blue")
    agent.streaming.start()
    page = opened(f"/agents/{agent.agent.id}/terminal")
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))

    expect(page.locator(".xterm-rows")).to_contain_text("on blue")
    assert colour(page, "red") == "rgb(255, 138, 128)"
    assert colour(page, "true") == "rgb(10, 200, 30)"
    assert colour(page, "on blue", "backgroundColor") == "rgb(130, 184, 240)"
    expect(terminal(page).get_by_role("status")).to_have_text("● live")
    keyboard = page.get_by_role("button", name="Take the keyboard")
    expect(keyboard).to_be_visible()
    agent.machine.tmux.send_keys(agent.session, "Enter")
    expect(page.locator(".xterm-rows")).to_contain_text("typed")
    agent.machine.tmux.send_keys(agent.session, "Enter")
    agent.wait_for_log(b"last")
    agent.end()
    expect(terminal(page).get_by_role("status")).to_have_text("ended")
    expect(keyboard).to_have_count(0)
    expect(page.locator(".xterm-rows")).to_contain_text("last")
    assert terminal(page).get_attribute("data-offset") == str(agent.log.stat().st_size)
    page.get_by_role("button", name="Replay").click()
    expect(terminal(page).get_by_role("status")).to_have_text("replay")
    expect(terminal(page).get_by_role("status")).to_have_text("ended")
    expect(page.locator(".xterm-rows")).to_contain_text("on blue")
    assert [text for text in refused if "Content Security Policy" in text] == []


def test_what_the_stream_left_out_is_read_from_the_log(opened: Opener, agent: Pane) -> None:
    agent.log.parent.mkdir(parents=True)
    agent.log.write_text("first\r\n")
    page = opened(f"/agents/{agent.agent.id}/terminal", size=PHONE, theme="dark")
    rows, status = page.locator(".xterm-rows"), terminal(page).get_by_role("status")
    expect(rows).to_contain_text("first")
    with agent.log.open("a") as log:  # no host streams
        log.write("second\r\n")
    expect(rows).to_contain_text("second")
    expect(status).to_contain_text("from the log")
    assert violations(page) == []
    agent.streaming.start()
    expect(status).to_have_text("● live")
    with agent.log.open("a") as log:
        for number in range(60_000):
            log.write(f"line {number} → of a flood that no stream keeps up with\r\n")
    expect(rows).to_contain_text("line 59999")
    agent.end()
    expect(status).to_have_text("ended")
    expect(terminal(page)).to_have_attribute("data-offset", str(agent.log.stat().st_size))


def test_it_can_be_read_as_text(opened: Opener, agent: Pane) -> None:
    agent.run(f"{COLOURS} printf '10%%\\r100%%\\n\\033]0;title\\007<b>end</b>\\n'; read x")
    agent.wait_for_log(b"end")
    page = opened(f"/agents/{agent.agent.id}/terminal")
    page.get_by_role("link", name="as text").click()
    expect(page.locator("pre")).to_have_text("plain red true on blue\n100%\n<b>end</b>\n")


def test_a_person_takes_over_the_keyboard_and_gives_it_back(
    opened: Opener, web: WebServer, agent: Pane
) -> None:
    agent.run('while read line; do echo "got <$line>"; done')
    agent.streaming.start()
    path, operator = f"/agents/{agent.agent.id}/terminal", "token-of-an-operator-long-enough"
    ensure_token(web.database, name="second", role="operator", token=operator)
    page, other = opened(path), opened(path, token=operator)
    toggle, alert = (
        page.get_by_role("button", name="the keyboard"),
        terminal(page).get_by_role("alert"),
    )
    expect(terminal(page).get_by_role("status")).to_have_text("● live")
    toggle.click()
    expect(alert).to_contain_text("the Guardian leaves it alone")
    other.get_by_role("button", name="Take the keyboard").click()
    expect(terminal(other).get_by_role("alert")).to_contain_text("admin has the keyboard")

    page.keyboard.type("höre; ok;")
    page.keyboard.press("Enter")
    expect(page.locator(".xterm-rows")).to_contain_text("got <höre; ok;>")
    page.keyboard.press("F6")
    expect(toggle).to_have_text("Take the keyboard")
    expect(toggle).to_be_focused()
    other.get_by_role("button", name="Take the keyboard").click()
    expect(terminal(other).get_by_role("alert")).to_contain_text("the Guardian leaves it alone")
    page.get_by_role("textbox", name="Terminal input").focus()
    page.keyboard.type("unheard")
    other.keyboard.type("heard\n")
    expect(page.locator(".xterm-rows")).to_contain_text("got <heard>")
    assert b"unheard" not in agent.log.read_bytes()
    other.context.close()  # whoever leaves gives it back
    wait_until(lambda: not is_held(web.database, agent.agent.id), what="the keyboard is free")
    said = [(e.actor, e.action, e.status) for e in list_entries(web.database, limit=4)[0]]
    assert said == [
        ("second", "keyboards.take", 200),
        ("admin", "keyboards.release", 200),
        ("second", "keyboards.take", 409),
        ("admin", "keyboards.take", 200),
    ]


def test_a_viewer_looks_on_without_a_keyboard(opened: Opener, web: WebServer, agent: Pane) -> None:
    agent.run("read x; echo typed")
    token = "token-of-a-viewer-that-is-long-enough"
    ensure_token(web.database, name="looks-on", role="viewer", token=token)
    page = opened(f"/agents/{agent.agent.id}/terminal", token=token)
    expect(page.get_by_role("button", name="Replay")).to_be_visible()
    expect(page.get_by_role("button", name="keyboard")).to_have_count(0)
    refused = page.evaluate(
        """async (agent_id) => {
          const { socket } = await import("/static/live.js");
          const ask = (name, more) =>
            new Promise((done) => socket.emit(name, { agent_id, ...more }, done));
          const said = [await ask("take_keyboard"), await ask("press_keys", { text: "\\r" })];
          return said.map((answer) => answer.code);
        }""",
        str(agent.agent.id),
    )
    assert refused == ["forbidden", "forbidden"]
    assert b"typed" not in agent.log.read_bytes()


def test_a_person_types_in_the_drawer_beside_the_list(
    opened: Opener, web: WebServer, agent: Pane
) -> None:
    agent.run('while read line; do echo "got <$line>"; done')
    agent.streaming.start()
    page = opened("/agents")
    page.locator(f"#agent-{agent.agent.id}").get_by_role("link").click()
    drawer = page.get_by_role("dialog", name="Agent")
    place = drawer.get_by_role("region", name="Terminal")
    expect(place.get_by_role("status")).to_have_text("● live")
    toggle = place.get_by_role("button", name="the keyboard")
    toggle.click()
    expect(place.get_by_role("alert")).to_contain_text("the Guardian leaves it alone")
    page.keyboard.type("p, ? and j are no keys of the page now")
    page.keyboard.press("Enter")
    expect(drawer.locator(".xterm-rows")).to_contain_text("got <p, ? and j are no keys of the")
    page.keyboard.press("Escape")
    agent.wait_for_log(b"^[")
    assert is_held(web.database, agent.agent.id), "Escape is the agent's"
    page.keyboard.press("F6")
    expect(toggle).to_have_text("Take the keyboard")
    expect(toggle).to_be_focused()
    assert violations(page) == []
    toggle.click()
    expect(place.get_by_role("alert")).to_contain_text("the Guardian leaves it alone")
    drawer.get_by_role("button", name="Close").click()
    expect(drawer).to_be_hidden()
    wait_until(lambda: not is_held(web.database, agent.agent.id), what="the keyboard is free")
