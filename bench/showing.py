"""From an act to its sight in a browser: tasks are created by the API while a page is open.

The time is that from before the request until the page has changed, so it includes the creation.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

from bench.databases import new_database
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import DEFINITION, Stack, running_stack
from bench.web_process import Client, web_process
from hephaestus_core.definitions import service as definitions
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder

#: Tasks, which are as many as the page shows.
SAMPLES = 40
#: Seconds between two, so that each comes at another moment of the page's rhythm.
_PAUSE = 0.73
_MS = 1000

#: Notes when each title is first seen.
_WATCH = """() => {
  window.seen = {};
  const look = () => {
    for (const title of document.querySelectorAll("a.text")) seen[title.textContent] ??= Date.now();
  };
  const all = { childList: true, subtree: true, characterData: true };
  new MutationObserver(look).observe(document.body, all);
}"""


def measure() -> dict[str, Row]:
    """Return the row ``shown_p95_ms``."""
    with running_stack() as stack, _web(stack) as (client, workflow_id):
        port = client.connection.port
        with _page(f"http://127.0.0.1:{port}", client.token) as page:
            taken = _times(client, page, workflow_id)
    raw = {"ms": taken, "ms_p50": p50(taken)}
    return {"shown_p95_ms": Row(percentile(taken, 95), "ms", Target(500), len(taken), raw)}


@contextmanager
def _web(stack: Stack) -> Iterator[tuple[Client, str]]:
    """Run a web process without a worker, so that what is created waits on the page."""
    with new_database(stack, "bench_showing") as (database, url):
        definitions.save_definition(database, DEFINITION.to_dict())
        order = LaunchOrder(definition_id=DEFINITION.id, repository="/nowhere")
        started = lifecycle.start_workflow(database, order)
        with web_process(stack.home.parent / "web_showing", url) as client:
            yield client, str(started.id)


@contextmanager
def _page(url: str, token: str) -> Iterator[Page]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise RuntimeError("Install Chromium: apt install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(base_url=url)
        page.goto("/login")
        page.get_by_label("Token or login link").fill(token)
        page.get_by_role("button", name="Log in").click()
        page.goto("/queue")
        page.get_by_text("live", exact=True).wait_for()
        page.evaluate(_WATCH)
        yield page
        browser.close()


def _times(client: Client, page: Page, workflow_id: str) -> list[float]:
    begun: dict[str, float] = {}
    for number in range(SAMPLES):
        title = f"Task {number} of the measure"
        body = {"workflow_id": workflow_id, "phase_id": 1, "title": title, "description": title}
        begun[title] = time.time() * _MS
        client.send("POST", "/tasks", body)
        page.wait_for_timeout(_PAUSE * _MS)
    page.wait_for_function("count => Object.keys(seen).length >= count", arg=SAMPLES)
    seen = page.evaluate("seen")
    return [seen[title] - began for title, began in begun.items()]
