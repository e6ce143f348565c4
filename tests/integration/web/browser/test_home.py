"""The first page, for somebody who is asked something, and for somebody who comes back."""

import re
from typing import Any
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from hephaestus_core.access.service import ensure_token
from hephaestus_core.agents.views import Trouble
from hephaestus_core.questions.asking import ask
from hephaestus_core.questions.service import get_question
from hephaestus_core.tasks.service import bump_task
from tests.engine import Engine
from tests.integration.web.browser.accessibility import violations
from tests.integration.web.browser.conftest import PHONE, Opener
from tests.web_server import WebServer

BACK = "somebody-who-comes-back"


@pytest.fixture
def engine(web: WebServer, workflow: dict[str, Any]) -> Engine:
    engine = Engine(web.database).with_host("home", slots=1000)
    engine.workflow_id = UUID(workflow["id"])
    return engine


def test_a_question_is_answered_from_home(opened: Opener, engine: Engine) -> None:
    bump_task(engine.db, engine.create("Choose a colour", title="Paint the gunwale").id)
    agent = engine.run(engine.claimed("home"))
    asked = ask(engine.db, agent.id, "Which colour?", options=["red", "blue"], hours=1)
    page = opened("/", size=PHONE)
    row = page.get_by_role("listitem").filter(has_text="Paint the gunwale").first
    expect(row).to_contain_text("Which colour?")
    assert violations(page) == []
    row.get_by_role("button", name="blue").click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.get_by_role("button", name="blue")).to_have_count(0)
    assert get_question(engine.db, asked.id).answer == "blue"


def test_somebody_who_comes_back_sees_what_happened(
    opened: Opener, web: WebServer, api: httpx.Client, engine: Engine
) -> None:
    ensure_token(web.database, name=BACK, role="operator", token=BACK)
    page = opened("/", token=BACK)
    expect(page.get_by_role("heading", name="In the last 24 hours")).to_be_visible()
    with web.database.transaction() as session:
        session.execute(text("UPDATE visits SET last_seen_at = now() - interval '9 hours'"))
    bump_task(engine.db, engine.create("Mend it", title="Mend the rudder").id)
    trouble = Trouble("permanent", "no such model")
    engine.end(engine.run(engine.claimed("home")), failure=trouble)
    title = api.get(f"/api/v1/workflows/{engine.workflow_id}").json()["title"]
    page.reload()
    told = page.get_by_role("region", name=re.compile(r"Since you were here \(.*\d\d:\d\d"))
    row = (
        told.get_by_role("listitem")
        .filter(has=page.get_by_role("link", name=title))
        .filter(has_text="1 task failed")
    )
    expect(row.get_by_role("img", name=re.compile("^At work for "))).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog").get_by_role("link", name="Two phases").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Launch Two phases")).to_be_visible()
