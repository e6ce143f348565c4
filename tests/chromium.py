"""The browser of Debian: Playwright brings none of its own here."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, expect, sync_playwright

#: Milliseconds that a browser on a loaded machine may take for one step.
PATIENCE: Final = 30_000


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run a Chromium without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program is not None, "install Chromium: apt install chromium"
    expect.set_options(timeout=PATIENCE)
    # Chromium refuses to contain its own processes for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()
