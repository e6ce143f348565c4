"""A real Chromium, and people before it whose windows differ in size and theme."""

from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import PATIENCE, running_chromium
from tests.web_server import ADMIN, WebServer

Theme = Literal["light", "dark"]
#: Opens a page as somebody who is logged in; the arguments are those of ``opened``.
Opener = Callable[..., Page]

DESKTOP: Final = (1280, 800)
PHONE: Final = (390, 844)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for all tests of a module."""
    with running_chromium() as browser:
        yield browser


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
        context.set_default_timeout(PATIENCE)
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
