"""What each page says to somebody who does not see it, kept as files in ``tests/data/pages``.

After a change that is meant: ``make snapshots``, then look at the difference before you commit it.
"""

import os
import re
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import Page

from tests.engine import Engine
from tests.integration.web.browser.conftest import Opener
from tests.integration.web.browser.test_accessibility import PATHS
from tests.waiting import wait_until
from tests.web_server import WebServer

KEPT: Final = Path(__file__).parents[3] / "data" / "pages"
RENEWS: Final = "RENEW_SNAPSHOTS"
#: Looked at last: the other pages are kept as they are without an agent.
OF_AN_AGENT: Final = "/agents/{agent}"
#: They also tell what this machine has, how long ago something was, or whether a host answers:
#: their outline is kept alone.
OUTLINED: Final = {"/", "/first-run", "/settings", "/guardian", OF_AN_AGENT}
#: A page is calm after so many equal looks in a row, 10 ms and more apart.
CALM: Final = 40

_OUTLINE: Final = re.compile(
    r"^ *- '?(main|navigation|region|search|heading|button|link|textbox|combobox|group)\b"
)

#: What differs from run to run, and what stands for it.
_VARYING: Final = (
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
    (r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{8,40}\b", "ID"),
    (r"- time:? .*", "- time"),
    (r"(?<![=\w])[\d.,:-]*\d\b", "9"),
    (r"\b9 (?:s|min|h|d)\b(?: 9 (?:s|min|h)\b)?", "9 s"),
    # What could be read as a number stands in quotes, as some ids do.
    (r'(?m): "(ID|9)"$', r": \1"),
)


def said(page: Page, path: str, ids: list[str]) -> str:
    """Return the accessibility tree of the page's own part, without what varies."""
    tree = page.locator("main").aria_snapshot()
    for id_ in ids:
        tree = tree.replace(id_, "ID").replace(id_[:8], "ID")
    for pattern, stands in _VARYING:
        tree = re.sub(pattern, stands, tree)
    if path in OUTLINED:
        tree = "\n".join(line.rstrip(":") for line in tree.splitlines() if _OUTLINE.match(line))
    return f"{tree}\n"


def file_of(path: str) -> Path:
    """Return where the tree of a page is kept."""
    name = re.sub(r"[^a-z0-9]+", "-", path).strip("-") or "home"
    return KEPT / f"{name}.yaml"


def test_each_page_says_what_is_kept_of_it(
    opened: Opener, web: WebServer, api: httpx.Client, workflow: dict[str, Any]
) -> None:
    [task] = api.get("/api/v1/tasks").json()["items"]
    known = {"workflow": workflow["id"], "task": task["id"]}
    page = opened(locale="en-GB", timezone_id="UTC")
    changed = [look(page, path, known) for path in PATHS]
    engine = Engine(web.database).with_host("anvil")
    known["agent"] = str(engine.run(engine.claimed("anvil")).id)
    changed.append(look(page, OF_AN_AGENT, known))
    assert not any(changed), "\n".join(["If this is meant: make snapshots", *filter(None, changed)])


def test_every_kept_page_is_one_of_ours() -> None:
    assert set(map(file_of, [*PATHS, OF_AN_AGENT])) == set(KEPT.glob("*.yaml"))


def look(page: Page, path: str, known: dict[str, str]) -> str:
    """Open a page, and return how it differs from what is kept; empty: not at all."""
    page.goto(path.format(**known))
    ids = list(known.values())
    if os.environ.get(RENEWS):
        keep(page, path, ids)
        return ""
    return differs(page, path, ids)


def differs(page: Page, path: str, ids: list[str]) -> str:
    """Return how a page differs from what is kept, once its scripts had time; empty: not at all."""
    file = file_of(path)
    kept = file.read_text() if file.exists() else ""
    now = ""

    def agrees() -> bool:
        nonlocal now
        now = said(page, path, ids)
        return now == kept

    try:
        wait_until(agrees, timeout=30, what="the page says what is kept of it")
    except AssertionError:
        lines = unified_diff(kept.splitlines(), now.splitlines(), "kept", "now", lineterm="")
        return "\n".join([path, *lines])
    return ""


def keep(page: Page, path: str, ids: list[str]) -> None:
    """Write what a page says once it says the same for a while: its scripts have run by then."""
    seen: list[str] = []

    def is_calm() -> bool:
        seen.append(said(page, path, ids))
        return len(seen) > CALM and len(set(seen[-CALM:])) == 1

    wait_until(is_calm, timeout=30, what="the page is calm")
    KEPT.mkdir(exist_ok=True)
    file_of(path).write_text(seen[-1])
