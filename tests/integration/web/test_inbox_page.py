"""The page of what waits, and the strip on every page, as a browser without scripts sees them."""

import html
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from hephaestus_core.access.service import ensure_token
from hephaestus_core.agents.views import Trouble
from hephaestus_core.questions.asking import ask
from hephaestus_core.questions.service import get_question
from hephaestus_core.tasks.service import bump_task
from tests.engine import Engine
from tests.integration.web.browsing import browser, hidden, log_in
from tests.web_server import WebServer

VIEWER = "token-of-somebody-who-only-reads"
HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }}"


@pytest.fixture
def engine(web: WebServer, workflow: dict[str, Any]) -> Engine:
    engine = Engine(web.database).with_host("page", slots=1000)
    engine.workflow_id = UUID(workflow["id"])
    return engine


@pytest.fixture
def visitor(web: WebServer) -> Iterator[httpx.Client]:
    with browser(web) as client:
        assert log_in(client).status_code == 303
        yield client


def asked(engine: Engine, title: str) -> UUID:
    """Have an agent ask at a new task; returns the question."""
    task = engine.create("Do it", title=title)
    bump_task(engine.db, task.id)
    agent = engine.run(engine.claimed("page"))
    assert agent.task_id == task.id
    return ask(engine.db, agent.id, HOSTILE, options=["red", "blue"], hours=1).id


def failed(engine: Engine, title: str) -> None:
    task = engine.create("Do it", title=title)
    bump_task(engine.db, task.id)
    trouble = Trouble("permanent", "no such model")
    engine.end(engine.run(engine.claimed("page")), failure=trouble)


def row_of(page: str, title: str) -> str:
    """Return the HTML of the item about a task."""
    rows = re.findall(r'<li class="item .*?</li>', page, re.DOTALL)
    return next(row for row in rows if f"“{title}”" in row)


def path_of(row: str, act: str) -> str:
    found = re.search(rf'action="(/inbox/[0-9a-f-]+/{act})"', row)
    assert found is not None, act
    return found[1]


def counted(page: str) -> int:
    found = re.search(r"◆</span> (\d+)\+? for you", page)
    assert found is not None
    return int(found[1])


def test_a_question_is_answered_in_place_and_the_strip_follows(
    visitor: httpx.Client, engine: Engine
) -> None:
    before = counted(visitor.get("/").text)
    question = asked(engine, "Paint the hull")
    for path in ("/", "/launch/two-phases", f"/workflows/{engine.workflow_id}", "/api/docs"):
        page = visitor.get(path).text
        assert counted(page) == before + 1, path
        assert f"<title>({before + 1}) " in page, path
        assert 'href="/inbox"' in page
    page = visitor.get("/inbox").text
    row = row_of(page, "Paint the hull")
    assert "<script>alert" not in page
    assert HOSTILE in html.unescape(row)
    form = {"csrf_token": hidden(page, "csrf_token"), "option": "2"}
    answer = path_of(row, "answer")
    assert visitor.post(answer, data={"option": "2"}).status_code == 403
    assert visitor.post(answer, data=form | {"option": "x"}).status_code == 422
    assert visitor.post(answer, data=form).headers["Location"] == "/inbox"
    found = get_question(engine.db, question)
    assert (found.answer, found.answered_by) == ("blue", "admin")
    after = visitor.get("/strip").text
    assert counted(after) == before
    assert "<html" not in after
    gone = visitor.post(answer, data=form)
    assert (gone.status_code, "waits any more" in gone.text) == (404, True)


def test_a_failed_task_is_put_aside_and_back(visitor: httpx.Client, engine: Engine) -> None:
    failed(engine, "Caulk the seams")
    page = visitor.get("/inbox").text
    token = {"csrf_token": hidden(page, "csrf_token")}
    snooze = path_of(row_of(page, "Caulk the seams"), "snooze")
    assert visitor.post(snooze, data=token | {"minutes": "240"}).status_code == 303
    page = visitor.get("/inbox").text
    assert "Put aside (" in page
    undo = snooze.replace("snooze", "undo")
    assert visitor.post(undo, data=token).status_code == 303
    row = row_of(visitor.get("/inbox").text, "Caulk the seams")
    assert visitor.post(path_of(row, "restart"), data=token).status_code == 303
    assert visitor.post(path_of(row, "restart").replace("restart", "burn"), data=token).is_error


def test_a_viewer_reads_the_inbox_and_is_offered_nothing(web: WebServer, engine: Engine) -> None:
    failed(engine, "Tar the deck")
    ensure_token(web.database, name="reader", role="viewer", token=VIEWER)
    with browser(web) as reader:
        log_in(reader, VIEWER)
        page = reader.get("/inbox").text
        row = row_of(page, "Tar the deck")
        assert "<form" not in row
        item = re.search(r"Put back", page)
        assert item is None
        form = {"csrf_token": hidden(page, "csrf_token")}
        path = f"/inbox/{engine.workflow_id}/dismiss"
        assert reader.post(path, data=form).status_code == 403


def test_a_workflow_that_waits_for_a_person_leads_to_what_waits(
    visitor: httpx.Client, engine: Engine
) -> None:
    page = f"/workflows/{engine.workflow_id}"
    assert "Go to what waits for you" not in visitor.get(page).text
    asked(engine, "paint the rail")
    assert '<a class="button" href="/inbox">Go to what waits for you</a>' in visitor.get(page).text
