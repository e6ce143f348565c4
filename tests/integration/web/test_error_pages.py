"""Pages that tell a person what is wrong, and the ways on from there."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.web.browsing import browser
from tests.web_server import WebServer


@pytest.mark.parametrize("kind", ["tasks", "workflows", "agents"])
def test_an_id_that_nothing_has_is_looked_for_elsewhere(visitor: httpx.Client, kind: str) -> None:
    wanted = str(uuid4())
    page = visitor.get(f"/{kind}/{wanted}")
    assert page.status_code == 404
    assert "<h1>Not found</h1>" in page.text
    assert f'value="{wanted}"' in page.text
    assert f"this one is at {visitor.base_url.host}:{visitor.base_url.port}" in page.text
    assert 'href="/inbox"' in page.text


def test_the_beginning_of_an_id_leads_to_its_page(
    visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    task = workflow["initial_task_id"]
    page = visitor.get(f"/tasks/{task[:8]}")
    assert page.status_code == 404
    assert f"There is no page at /tasks/{task[:8]}." in page.text
    assert f'value="{task[:8]}"' in page.text
    assert ">admin<" in page.text
    found = visitor.get("/find", params={"q": task[:8]}).text
    assert f'href="/tasks/{task}"' in found


def test_somebody_without_a_login_is_shown_no_more_than_the_address(web: WebServer) -> None:
    with browser(web) as stranger:
        page = stranger.get("/nowhere/<b>")
    assert page.status_code == 404
    assert "There is no page at /nowhere/&lt;b&gt;." in page.text
    assert 'id="strip"' not in page.text
    assert "/inbox" not in page.text


def test_a_refused_form_leads_back_to_its_page(visitor: httpx.Client) -> None:
    before = f"{visitor.base_url}/inbox"
    page = visitor.post("/inbox/none/answer", headers={"Referer": before})
    assert page.status_code == 404
    assert f'<a href="{before}">Back to the page before</a>' in page.text
    elsewhere = visitor.post("/inbox/none/answer", headers={"Referer": "https://evil.example/"})
    assert "Back to" not in elsewhere.text
