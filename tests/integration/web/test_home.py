"""The first page, as a browser without scripts sees it."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from hephaestus_core.access.service import ensure_token
from hephaestus_core.agents import store as agents
from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.statuses import InterventionAction
from hephaestus_core.guardian import interventions
from hephaestus_core.tasks.service import bump_task
from hephaestus_web.pages.time_strips import WIDTH, Bar, strip_of
from tests.engine import Engine
from tests.integration.web.browsing import browser, hidden, log_in
from tests.statements import counted
from tests.web_server import WebServer

VIEWER = "token-of-a-reader-at-home"


@pytest.fixture
def engine(web: WebServer, workflow: dict[str, Any]) -> Engine:
    engine = Engine(web.database).with_host("front", slots=1000)
    engine.workflow_id = UUID(workflow["id"])
    return engine


def failed(engine: Engine, title: str) -> None:
    bump_task(engine.db, engine.create(f"Do it: {title}", title=title).id)
    trouble = Trouble("permanent", "no such model")
    engine.end(engine.run(engine.claimed("front")), failure=trouble)


def test_a_viewer_is_told_and_offered_nothing(
    web: WebServer, visitor: httpx.Client, engine: Engine
) -> None:
    failed(engine, "Splice the rope")
    # Whatever waits from other tests is newer.
    with web.database.transaction() as session:
        old = "UPDATE tasks SET completed_at = completed_at - interval '40 days'"
        session.execute(text(f"{old} WHERE title = 'Splice the rope'"))
    ensure_token(web.database, name="reader at home", role="viewer", token=VIEWER)
    with browser(web) as reader:
        log_in(reader, VIEWER)
        page = reader.get("/").text
    row = _row(page, "Splice the rope")
    assert "permanent: no such model" in row
    assert "40 days" in row
    assert "<form" not in row
    assert "Launch workflow" not in page
    page = visitor.get("/").text
    assert "Launch workflow" in page
    assert page.count('id="waiting-') <= 7
    form = {"csrf_token": hidden(page, "csrf_token"), "back": "home"}
    action = re.search(r'action="(/inbox/[^"]*/restart)"', _row(page, "Splice the rope"))
    assert action is not None
    assert visitor.post(action[1], data=form).headers["Location"] == "/"


def test_more_that_was_decided_than_home_shows_is_a_click_away(
    web: WebServer, visitor: httpx.Client, engine: Engine
) -> None:
    bump_task(engine.db, engine.create("Do it: tar the hull", title="Tar the hull").id)
    agent = engine.run(engine.claimed("front"))
    for number in range(12):
        with web.database.transaction() as session:
            [row] = agents.of_ids(session, [agent.id])
            told = {"cause": f"cause {number}", "key": str(number), "text": "Stop that."}
            interventions.add(session, row, InterventionAction.STEER, **told)
    home = visitor.get("/").text
    assert "10+ decided without you" in home
    path = f"/workflows/{engine.workflow_id}/decisions"
    assert f'<a href="{path}">' in home
    page = visitor.get(path).text
    assert all(f": cause {number}</a>" in page for number in range(12))


def test_a_page_that_keeps_itself_fresh_is_no_visit(web: WebServer, visitor: httpx.Client) -> None:
    visitor.get("/")
    with web.database.transaction() as session:
        gone = session.execute(text("DELETE FROM visits")).rowcount  # type: ignore[attr-defined]
    assert gone >= 1
    ensure_token(web.database, name="sleeper", role="viewer", token="sleeper")
    with browser(web) as tab:
        log_in(tab, "sleeper")
        tab.get("/", headers={"X-Parts": "x"})
        tab.get("/inbox", headers={"Sec-Fetch-Mode": "cors"})
        assert _visits(web) == 0
        tab.get("/inbox", headers={"Sec-Fetch-Mode": "navigate"})
        assert _visits(web) == 1


def test_the_page_sends_as_many_statements_for_more_workflows(
    web: WebServer, visitor: httpx.Client, engine: Engine
) -> None:
    visitor.get("/")
    sent = []
    for _ in range(2):
        for _ in range(4):
            engine.start_workflow()
            engine.create("Do it")
        with counted(web.database) as statements:
            assert visitor.get("/").status_code == 200
        sent.append(len(statements))
    assert sent[0] == sent[1]


def test_a_strip_joins_what_touches_and_shows_what_is_short() -> None:
    begin = datetime(2030, 1, 1, tzinfo=UTC)

    def at(hours: float) -> datetime:
        return begin + timedelta(hours=hours)

    worked = [(at(0), at(1)), (at(1.001), at(2)), (at(5), at(5.0001)), (at(10), at(10))]
    happened: Any = SimpleNamespace(at_work=worked, opened_at=at(0), ended_at=at(10))
    strip = strip_of(happened, at(0), at(10))
    assert strip.open == Bar(0, WIDTH)
    assert strip.work == [Bar(0, 48), Bar(120, 2), Bar(238, 2)]


def _row(page: str, title: str) -> str:
    rows = re.findall(r'<li class="item .*?</li>', page, re.DOTALL)
    return next(row for row in rows if f"“{title}”" in row)


def _visits(web: WebServer) -> int:
    with web.database.reading() as session:
        return session.scalars(text("SELECT count(*) FROM visits")).one()
