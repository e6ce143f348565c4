"""The page of all agents and the page of one, as a browser without scripts sees them."""

import html
import re
import time
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from hephaestus_core.access.service import ensure_token
from hephaestus_core.agents.views import Trouble
from hephaestus_core.guardian.acting import act_on
from hephaestus_core.guardian.ladder import Bounds
from hephaestus_core.guardian.observation import Act, Label, Verdict
from hephaestus_core.messages.mailbox import page_of_messages
from hephaestus_core.questions.service import answer, page_of_questions
from tests.fleet import Fleet, fleet
from tests.integration.web.browsing import browser, hidden, log_in
from tests.web_server import WebServer

VIEWER = "heph_api_viewer_of_agents_and_long_enough"


@pytest.fixture(scope="module")
def many(web: WebServer) -> Fleet:
    return fleet(web.database, 60)


@pytest.fixture
def visitor(web: WebServer) -> Iterator[httpx.Client]:
    with browser(web) as client:
        assert log_in(client).status_code == 303
        yield client


def titles(page: str) -> list[str]:
    rows = page.partition('<div class="agents" role="list">')[2]
    return [html.unescape(one) for one in re.findall(r'<a href="[^>]*data-agent>([^<]*)</a>', rows)]


def test_each_agent_has_one_row_in_the_order_of_their_starts(
    visitor: httpx.Client, many: Fleet
) -> None:
    page = visitor.get("/agents").text
    ids = re.findall(r'role="listitem" data-row id="agent-([^"]*)"', page)
    assert ids == [str(agent.id) for agent in many.agents]
    assert page.count('<a class="tile ') == 60
    assert "stuck <b>1</b>" in page
    assert "looping <b>1</b>" in page
    assert "36 times in a row, and nothing changed on disk." in page


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"verdict": "stuck"}, 1),
        ({"host": "bellows"}, 15),
        ({"host": "bellows", "phase": "fix"}, 15),
        ({"host": "bellows", "phase": "find"}, 0),
        ({"q": "INVOICE table"}, 1),
        ({"program": "scripted", "verdict": "working"}, 58),
    ],
)
def test_filters_in_the_address_leave_out_rows(
    visitor: httpx.Client, many: Fleet, filters: dict[str, str], count: int
) -> None:
    assert many
    assert len(titles(visitor.get("/agents", params=filters).text)) == count


def test_an_agent_s_page_shows_its_verdict_its_screen_in_colours_and_its_attempts(
    visitor: httpx.Client, many: Fleet
) -> None:
    stuck = visitor.get(f"/agents/{many.hung.id}").text
    assert "Nothing has moved for 11 minutes." in stuck
    assert "Attempts at this task" in stuck
    well = visitor.get(f"/agents/{many.agents[1].id}").text
    assert '<span class="front-1">FAILED</span>' in well
    assert "&lt;b&gt;bold?&lt;/b&gt;" in well
    assert "\x1b" not in well


def test_people_act_on_an_agent_and_viewers_are_offered_nothing(
    web: WebServer, visitor: httpx.Client, many: Fleet
) -> None:
    agent = many.agents[2]
    path = f"/agents/{agent.id}"
    form = {"csrf_token": hidden(visitor.get(path).text, "csrf_token")}
    sent = visitor.post(f"{path}/message", data=form | {"text": "Look at <this> first."})
    assert sent.headers["Location"] == path
    assert "Look at &lt;this&gt; first." in visitor.get(path).text
    messages, _ = page_of_messages(web.database, agent_id=agent.id)
    assert [(m.text, m.interrupts) for m in messages] == [("Look at <this> first.", False)]
    data = form | {"text": "Now.", "interrupt": "yes"}
    assert visitor.post(f"{path}/message", data=data).status_code == 303
    messages, _ = page_of_messages(web.database, agent_id=agent.id)
    assert (messages[0].text, messages[0].interrupts) == ("Now.", True)

    assert visitor.post(f"{path}/fine", data=form | {"minutes": "30"}).status_code == 303
    assert "Called fine" in visitor.get(path).text
    assert visitor.post(f"{path}/fine", data=form | {"minutes": "9999"}).status_code == 422

    assert visitor.post(f"{path}/fine", data=form | {"minutes": "0"}).status_code == 303
    assert "Fine for 30 minutes" in visitor.get(path).text

    ensure_token(web.database, name="eve", role="viewer", token=VIEWER)
    with browser(web) as viewer:
        log_in(viewer, VIEWER)
        page = viewer.get(path).text
        assert "Message to the agent" not in page
        assert viewer.post(f"{path}/stop", data=form).status_code == 403

    assert visitor.post(f"{path}/stop", data=form | {"reason": "enough"}).status_code == 303
    other = f"/agents/{many.agents[4].id}"
    assert visitor.post(f"{other}/restart", data=form).headers["Location"] == other
    assert visitor.post(f"{other}/restart", data=form).status_code == 409
    page = visitor.get("/agents", params={"verdict": "stopping"}).text
    assert len(titles(page)) == 2


def test_a_wait_for_a_limit_is_taken_back_by_a_button(
    web: WebServer, visitor: httpx.Client, many: Fleet
) -> None:
    agent = many.agents[59]
    limited = Verdict(Label.LIMITED, "limited", Act.PARK, ("429",), until=time.time() + 7200)
    act = act_on(web.database, agent.id, limited, bounds=Bounds(patience=0, minimum_age=0))
    assert act is not None
    path = f"/agents/{agent.id}"
    page = visitor.get(path).text
    assert f'action="{path}/undo/{act.id}"' in page
    assert f'action="/guardian/{act.id}/undo"' in visitor.get("/guardian").text
    form = {"csrf_token": hidden(page, "csrf_token")}
    assert visitor.post(f"{path}/undo/{act.id}", data=form).headers["Location"] == path
    page = visitor.get(path).text
    assert f'action="{path}/undo/{act.id}"' not in page
    assert "taken back by" in page
    assert visitor.post(f"{path}/undo/{act.id}", data=form).status_code == 409
    with web.client() as admin:
        entries = admin.get("/api/v1/audit", params={"limit": 5}).json()["items"]
    kept = [(e["status"], e["target"]["intervention_id"]) for e in entries if "undo" in e["action"]]
    assert kept == [(409, str(act.id)), (303, str(act.id))]


def test_ended_agents_are_filtered_by_the_address_and_shown_in_pages(
    visitor: httpx.Client, many: Fleet
) -> None:
    for number, agent in enumerate(many.agents[5:58]):
        failure = None if number % 4 else Trouble("permanent", "The mast is broken.")
        many.engine.end(agent, failure=failure)
    ended = {"live": "no"}
    shown = visitor.get("/agents", params=ended).text
    assert rows_of_ended(shown) == 50
    assert "failed <b>14</b>" in shown
    assert 'href="/agents?live=no&amp;host=bellows"' in shown
    [older] = re.findall(r'href="([^"]*cursor=[^"]*)"', shown)
    assert rows_of_ended(visitor.get(html.unescape(older)).text) == 3
    failed = visitor.get("/agents", params=ended | {"verdict": "failed"}).text
    assert rows_of_ended(failed) == 14
    assert "14 of the 53 agents that were looked at fit" in failed
    assert rows_of_ended(visitor.get("/agents", params=ended | {"q": "MAST is"}).text) == 14
    none = visitor.get("/agents", params=ended | {"host": "bellows", "phase": "find"}).text
    assert (rows_of_ended(none), "0 of the 53" in none) == (0, True)
    workflow = {"workflow": str(many.engine.workflow_id)}
    assert rows_of_ended(visitor.get("/agents", params=ended | workflow).text) == 50
    assert visitor.get("/agents", params=ended | {"workflow": "all"}).status_code == 422


def test_an_act_has_a_button_only_while_it_can_be_taken_back(
    web: WebServer, visitor: httpx.Client, many: Fleet
) -> None:
    steered, parked = many.agents[58], many.agents[0]
    loops = Verdict(Label.LOOPING, "loops", Act.STEER, ("ls",))
    over = Verdict(Label.WORKING, "over_limits", Act.PARK, ("9 turns of 8",))
    buttons = {}
    for agent, verdict in ((steered, loops), (parked, over)):
        act = act_on(web.database, agent.id, verdict, bounds=Bounds(patience=0, minimum_age=0))
        assert act is not None
        buttons[f"/agents/{agent.id}"] = f'action="/agents/{agent.id}/undo/{act.id}"'
        buttons[f"/guardian#{act.id}"] = f'action="/guardian/{act.id}/undo"'
    for path, button in buttons.items():
        assert button in visitor.get(path).text

    many.engine.end(steered)
    many.engine.end(parked)
    [asked] = page_of_questions(web.database, task_id=parked.task_id)[0]
    answer(web.database, asked.id, answer="Go on.", by="ada")
    for path, button in buttons.items():
        assert button not in visitor.get(path).text


def rows_of_ended(page: str) -> int:
    return page.count('<li class="agent ended ')


def test_of_an_agent_that_nobody_has_looked_at_it_is_not_said_that_it_is_not_silent(
    web: WebServer, visitor: httpx.Client, many: Fleet
) -> None:
    agent = many.agents[3]
    assert "<dd>not silent</dd>" in visitor.get(f"/agents/{agent.id}").text
    with web.database.transaction() as session:
        unseen = text("DELETE FROM agent_watches WHERE agent_id = :id")
        session.execute(unseen, {"id": agent.id})
    shown = visitor.get(f"/agents/{agent.id}").text
    assert "<dt>Silent for</dt><dd>not known yet</dd>" in shown
