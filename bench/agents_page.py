"""The page of agents in a browser: a hundred that change every second, a terminal that is flooded,
and what a first visit loads.

A web process answers on a database that is filled directly. What hosts would say of the hundred
agents is written in their place: looks, events and screens, all of all of them each second. The
terminal's log is written line by line, and streamed by the host's own thread.
"""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from bench.databases import new_database
from bench.rows import Row, Target
from bench.surroundings import DEFINITION, Stack, running_stack
from bench.web_process import Client, web_process
from hephaestus_core.agents import claims, hosting
from hephaestus_core.agents.views import AgentView, Ending
from hephaestus_core.changes.endings import record_ended
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.home import PANE_LOG, HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions import service as definitions
from hephaestus_core.events.log import emit
from hephaestus_core.guardian.observation import Act, Label, Verdict
from hephaestus_core.guardian.sweeping import record_looks
from hephaestus_core.guardian.watching import Glimpse
from hephaestus_core.hosts import service as hosts
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.settings.config import Settings
from hephaestus_core.terminals import wire
from hephaestus_core.tokens import token_hash
from hephaestus_worker.agents.streaming import Streaming
from hephaestus_worker.broker import streams_of
from hephaestus_worker.host.machine import Machine, folders_of
from hephaestus_worker.terminal.tmux import Tmux

AGENTS = 100
SECONDS = 30
LINES_PER_SECOND, FLOOD_SECONDS = 500, 60
_SETTLING = 3
_HOST = "bench"
_KB, _MS, _PERCENT = 1000, 1000, 100
_PATIENCE_MS = 60_000
_LINE = (
    "\x1b[32mok\x1b[0m {} src/module_{}.py: all of its tests have passed → on to the next one\r\n"
)


@dataclass(frozen=True)
class _Fleet:
    """Live agents, and the web process that shows them."""

    client: Client
    database: Database
    redis_url: str
    home: Path
    agents: list[AgentView]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.client.connection.port}"

    def change(self, turn: int) -> None:
        """Let every agent do something else, and say so."""
        looks = {agent.id: _look(number, turn) for number, agent in enumerate(self.agents)}
        record_looks(self.database, looks)
        with self.database.transaction() as session:
            for agent in self.agents:
                emit(
                    session,
                    EventType.AGENT_REMINDED,
                    workflow_id=agent.workflow_id,
                    agent_id=agent.id,
                    reminders=turn,
                )
        with streams_of(self.redis_url) as client, client.pipeline(transaction=False) as pipe:
            for number, agent in enumerate(self.agents):
                lines = (_LINE.format(turn + line, number) for line in range(wire.SCREEN_LINES))
                pipe.set(wire.screen_key(agent.id), "".join(lines).replace("\r", ""), ex=60)
            pipe.execute()


def measure() -> dict[str, Row]:
    """Return the rows of all three."""
    with running_stack() as stack, _fleet(stack) as fleet, _chromium() as browser:
        return {
            **_loads(browser, fleet),
            **_changes(browser, fleet),
            **_flood(browser, fleet),
        }


def _loads(browser: Browser, fleet: _Fleet) -> dict[str, Row]:
    """Return the kilobytes of a first visit of two pages, with all that they load.

    The page of agents shows eleven, and the terminal of one.
    """
    agents = f"/agents?q=part+1&pin={fleet.agents[1].id}"
    paths = {"home": ("/", 60), "agents": (agents, 160)}
    return {
        f"first_load_{name}_kb": Row(_first_load(browser, fleet, path), "kB", Target(most), 1)
        for name, (path, most) in paths.items()
    }


def _first_load(browser: Browser, fleet: _Fleet, path: str) -> float:
    cookies = _login(browser, fleet)
    with _opened(browser, fleet, cookies) as page:
        heard = _Traffic(page)
        page.goto(path)
        page.get_by_text("live", exact=True).wait_for()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(_SETTLING * _MS)
        return heard.loaded / _KB


def _changes(browser: Browser, fleet: _Fleet) -> dict[str, Row]:
    """Return what the page costs per second while all of its agents change every second."""
    with _opened(browser, fleet, _login(browser, fleet)) as page:
        page.goto("/agents")
        page.get_by_text("live", exact=True).wait_for()
        with _repeated(fleet.change):
            page.locator(".glance span").first.wait_for()
            page.wait_for_timeout(_SETTLING * _MS)
            heard, began = _Traffic(page), time.monotonic()
            busy = _busy(page, lambda: page.wait_for_timeout(SECONDS * _MS))
            seconds = time.monotonic() - began
    bytes_ = {"loaded": heard.loaded, "messages": heard.messages}
    rate = sum(bytes_.values()) / _KB / seconds
    return {
        "agents_page_kb_per_second": Row(rate, "kB/s", Target(10), SECONDS, bytes_),
        "agents_page_main_thread": Row(busy, "%", Target(10), SECONDS),
    }


def _flood(browser: Browser, fleet: _Fleet) -> dict[str, Row]:
    """Return what is missing of a flooded terminal after its end, and what it costs meanwhile."""
    agent, settings = fleet.agents[0], Settings(home=fleet.home, host_name=_HOST)
    log = folders_of(settings).agent(agent.id) / PANE_LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    log.touch()
    with _streaming(fleet, settings), _opened(browser, fleet, _login(browser, fleet)) as page:
        page.goto(f"/agents/{agent.id}/terminal")
        terminal = page.get_by_role("region", name="Terminal")
        terminal.get_by_role("status").filter(has_text="live").wait_for()
        busy = _busy(page, lambda: _write_lines(page, log))
        ending = Ending(trouble=None, commit="saved")
        record_ended(fleet.database, agent.id, fence=agent.fence, ending=ending)
        terminal.get_by_role("status").filter(has_text="ended").wait_for()
        last = f"ok {LINES_PER_SECOND * FLOOD_SECONDS - 1} "
        page.locator(".xterm-rows").filter(has_text=last).wait_for()
        page.locator(f"[data-offset='{log.stat().st_size}']").wait_for()
        lost = log.stat().st_size - int(terminal.get_attribute("data-offset") or 0)
    lines = LINES_PER_SECOND * FLOOD_SECONDS
    return {
        "terminal_bytes_lost": Row(lost, "bytes", Target(0), lines),
        "terminal_main_thread": Row(busy, "%", Target(25), FLOOD_SECONDS),
    }


def _write_lines(page: Page, log: Path) -> None:
    """Write 500 lines a second for a minute, fifty times a second."""
    began, written = time.monotonic(), 0
    with log.open("a") as file:
        while written < LINES_PER_SECOND * FLOOD_SECONDS:
            due = min(int((time.monotonic() - began) * LINES_PER_SECOND), 30_000)
            file.write("".join(_LINE.format(n, n % 90) for n in range(written, due)))
            file.flush()
            written = due
            page.wait_for_timeout(20)


def _busy(page: Page, act: Callable[[], None]) -> float:
    """Return the share of its time for which the main thread of a page works, in percent."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    before, began = _task_seconds(session), time.monotonic()
    act()
    return _PERCENT * (_task_seconds(session) - before) / (time.monotonic() - began)


def _task_seconds(session: CDPSession) -> float:
    found = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in found if each["name"] == "TaskDuration"))


class _Traffic:
    """Bytes that a page gets and sends: answers with their heads, and messages."""

    def __init__(self, page: Page) -> None:
        self.loaded = 0.0
        self.messages = 0.0
        self._session = page.context.new_cdp_session(page)
        self._session.on("Network.loadingFinished", self._add_answer)
        for way in ("Received", "Sent"):
            self._session.on(f"Network.webSocketFrame{way}", self._add_message)
        self._session.send("Network.enable")

    def _add_answer(self, told: dict[str, float]) -> None:
        self.loaded += told["encodedDataLength"]

    def _add_message(self, told: dict[str, dict[str, str]]) -> None:
        self.messages += len(told["response"]["payloadData"].encode())


@contextmanager
def _fleet(stack: Stack) -> Iterator[_Fleet]:
    redis_url = json.loads(HomeLayout(stack.home).stack_file.read_text())["redis_url"]
    with new_database(stack, "bench_agents") as (database, url):
        hosts.register(database, _HOST, slots=AGENTS, labels=[], lease_seconds=3600)
        definitions.save_definition(database, DEFINITION.to_dict())
        order = LaunchOrder(definition_id=DEFINITION.id, repository="/nowhere")
        started = lifecycle.start_workflow(database, order)
        agents = [_agent(database, started.id, number) for number in range(AGENTS)]
        home = stack.home.parent / "web_agents"
        with web_process(home, url, redis_url) as client:
            fleet = _Fleet(client, database, redis_url, home, agents)
            fleet.change(0)
            yield fleet


def _agent(database: Database, workflow_id: UUID, number: int) -> AgentView:
    title = f"Make part {number} of the shop right, with tests"
    intake.create_task(
        database,
        TaskOrder(workflow_id=workflow_id, description=title, phase_id=1),
    )
    agent = claims.claim_next(
        database,
        _HOST,
        most_in_system=AGENTS + 1,
        lease_seconds=3600,
        defaults=claims.Defaults("scripted"),
    )
    if agent is None:
        raise RuntimeError(f"Agent {number} could not be claimed.")
    hosting.record_prepared(
        database,
        agent.id,
        fence=agent.fence,
        base_commit="base",
        token_hash=token_hash(str(agent.id)),
    )
    hosting.record_running(database, agent.id, fence=agent.fence)
    return agent


def _look(number: int, turn: int) -> Glimpse:
    verdict = Verdict(Label.WORKING, "works", Act.LEAVE)
    tool = f"Edit: src/module_{number}_{turn}.py"
    line = f"{turn} of {number} passed in 0.{turn} s"
    return Glimpse(
        "yes", verdict=verdict, output_age=0.5, tool=tool, tool_age=0.5, repeats=1, line=line
    )


@contextmanager
def _streaming(fleet: _Fleet, settings: Settings) -> Iterator[None]:
    """Run the thread of the host that streams terminals."""
    tmux = Tmux(HomeLayout(fleet.home).tmux_socket)
    machine = Machine(settings, fleet.database, tmux, folders_of(settings), send=lambda _: None)
    with streams_of(fleet.redis_url) as client:
        thread = Streaming(machine, client)
        thread.start()
        yield
        machine.stopping.set()
        client.xadd(wire.orders_key(_HOST), {"agent": "none"})  # it waits for an order
        thread.join(10)


@contextmanager
def _repeated(act: Callable[[int], None]) -> Iterator[None]:
    """Do something once a second, on a thread."""
    ended = threading.Event()

    def run() -> None:
        turn = 0
        while not ended.wait(1.0):
            turn += 1
            act(turn)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise RuntimeError("Install Chromium: apt install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def _context(browser: Browser, fleet: _Fleet) -> BrowserContext:
    return browser.new_context(base_url=fleet.url, viewport={"width": 1280, "height": 800})


def _login(browser: Browser, fleet: _Fleet) -> dict[str, str]:
    """Log in; return what the browser keeps of it."""
    with _context(browser, fleet) as context:
        page = context.new_page()
        page.goto("/login")
        page.get_by_label("Token or login link").fill(fleet.client.token)
        page.get_by_role("button", name="Log in").click()
        page.get_by_text("live", exact=True).wait_for()
        return {str(each["name"]): str(each["value"]) for each in context.cookies()}


@contextmanager
def _opened(browser: Browser, fleet: _Fleet, cookies: dict[str, str]) -> Iterator[Page]:
    """Open an empty tab of a browser that has loaded nothing yet and is logged in."""
    with _context(browser, fleet) as context:
        context.set_default_timeout(_PATIENCE_MS)
        kept = [{"name": name, "value": value, "url": fleet.url} for name, value in cookies.items()]
        context.add_cookies(kept)  # type: ignore[arg-type]
        yield context.new_page()
