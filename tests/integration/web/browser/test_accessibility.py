"""No page has a fault that axe-core finds, in either theme, on a desk or a phone."""

from typing import Any

import httpx
import pytest

from tests.integration.web.browser.accessibility import violations
from tests.integration.web.browser.conftest import DESKTOP, PHONE, Opener, Theme

PATHS = [
    "/",
    "/find",
    "/inbox",
    "/launch",
    "/agents",
    "/agents?live=no",
    "/workflows",
    "/launch/two-phases",
    "/workflows/{workflow}",
    "/workflows/{workflow}?view=timeline",
    "/workflows/{workflow}/decisions",
    "/workflows/{workflow}/stop",
    "/workflows/{workflow}/delete",
    "/workflows/{workflow}/approve",
    "/tasks/{task}",
    "/tasks/{task}/diff",
    "/first-run",
    "/queue",
    "/hosts",
    "/results",
    "/memories",
    "/guardian",
    "/costs",
    "/settings",
    "/settings/audit",
    "/nowhere",
]


@pytest.mark.parametrize(
    ("size", "theme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")]
)
def test_axe_finds_nothing(
    opened: Opener,
    api: httpx.Client,
    workflow: dict[str, Any],
    size: tuple[int, int],
    theme: Theme,
) -> None:
    task = api.get("/api/v1/tasks").json()["items"][0]
    page = opened(size=size, theme=theme)
    for path in PATHS:
        answer = page.goto(path.format(workflow=workflow["id"], task=task["id"]))
        assert answer is not None
        assert answer.status == (404 if path == "/nowhere" else 200), path
        assert violations(page) == [], path
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0], f"{path} is {wide} px wide"
