"""A real Chromium, and people before it whose windows differ in size and theme."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.web_server import ADMIN, WebServer

Theme = Literal["light", "dark"]
#: Opens a page as somebody who is logged in; the arguments are those of ``opened``.
Opener = Callable[..., Page]

DESKTOP: Final = (1280, 800)
PHONE: Final = (390, 844)
#: Milliseconds that a browser on a loaded machine may take for one step.
_PATIENCE: Final = 30_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of Debian: Playwright brings none of its own here."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program is not None, "install Chromium: apt install chromium"
    expect.set_options(timeout=_PATIENCE)
    # Chromium refuses to contain its own processes for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser, web: WebServer) -> Iterator[Opener]:
    """Opens a page as somebody who is logged in; whatever the page reports as an error fails."""
    contexts, faults = [], list[str]()

    def open_(
        path: str = "/",
        *,
        size: tuple[int, int] = DESKTOP,
        theme: Theme = "light",
        token: str = ADMIN,
        **options: Any,
    ) -> Page:
        width, height = size
        context = chromium.new_context(
            base_url=web.ui_url,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(_PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("/login")
        page.get_by_label("Token or login link").fill(token)
        page.get_by_role("button", name="Log in").click()
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []
