"""Looking at work and judging it without scripts: for every role, and with hostile work."""

import html
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from hephaestus_core.access.service import ensure_token
from hephaestus_core.changes.diffs import record_diff
from hephaestus_core.definitions.service import delete_definition
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.reviews import checking
from hephaestus_core.tasks.service import bump_task, get_task
from tests.engine import PHASES, Engine
from tests.integration.web.browsing import browser, hidden, log_in
from tests.integration.web.waiting_work import (
    FIRST,
    PRICES,
    SECOND,
    WaitingWork,
    diff_of,
    waiting_work,
)
from tests.web_server import WebServer

VIEWER = "token-of-somebody-who-only-looks-at-work"
HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e{{ 7 * 7 }}"


@pytest.fixture
def engine(web: WebServer) -> Engine:
    return Engine(web.database).with_host("page", slots=1000)


@pytest.fixture
def work(engine: Engine) -> WaitingWork:
    return waiting_work(engine)


@pytest.fixture
def viewer(web: WebServer) -> Iterator[httpx.Client]:
    ensure_token(web.database, name="vera", role="viewer", token=VIEWER)
    with browser(web) as client:
        assert log_in(client, VIEWER).status_code == 303
        yield client


def form_of(page: str, **values: str | list[str]) -> dict[str, str | list[str]]:
    names = ("csrf_token", "commit")
    return {**{name: hidden(page, name) for name in names}, **values}


def test_a_viewer_sees_all_but_the_acts(
    visitor: httpx.Client, viewer: httpx.Client, work: WaitingWork
) -> None:
    path = f"/workflows/{work.workflow_id}"
    seen = [client.get(f"{path}/approve").text for client in (visitor, viewer)]
    for page in seen:
        assert "agent settings changed" in page
        assert "Compute the tax" in page
    assert ["Approve → main" in page for page in seen] == [True, False]
    assert ["Send it back" in page for page in seen] == [True, False]
    token = {"csrf_token": hidden(seen[1], "csrf_token")}
    for act in ("approve", "send-back"):
        assert viewer.post(f"{path}/{act}", data=token).status_code == 403
    assert f'href="{path}/approve"' in viewer.get(path).text
    assert f'href="{path}/approve"' in visitor.get("/inbox").text


def test_work_of_a_deleted_definition_can_be_looked_at(
    visitor: httpx.Client, engine: Engine, work: WaitingWork
) -> None:
    delete_definition(engine.db, get_workflow(engine.db, work.workflow_id).definition_id)
    assert visitor.get(f"/workflows/{work.workflow_id}/approve").status_code == 200


def test_words_alone_send_work_back_and_files_come_by_their_links(
    visitor: httpx.Client, work: WaitingWork
) -> None:
    path = f"/workflows/{work.workflow_id}"
    page = visitor.get(f"{path}/approve").text
    assert f'href="{path}/diff/3?commit={FIRST}"' in page
    assert "699,0.699" not in page
    assert "699,0.699" in visitor.get(f"{path}/diff/3", params={"commit": FIRST}).text
    part = visitor.get(f"{path}/diff/3", params={"commit": FIRST, "from": "600"}).text
    assert "699,0.699" in part
    assert "500,0.500" not in part
    assert visitor.get(f"{path}/diff/9").status_code == 404
    assert visitor.get(f"{path}/diff/0", params={"commit": SECOND}).status_code == 409
    for wrong in ({"text": " "}, {"text": "", "comment_path": ["a"]}):
        assert visitor.post(f"{path}/send-back", data=form_of(page, **wrong)).status_code == 422
    said = form_of(
        page,
        text="All in all good.",
        comment_path=["shop/prices.py", "no/such/file"],
        comment_place=["+2", "+9"],
        comment_text=["Round it.", "Where is it?"],
    )
    sent = visitor.post(f"{path}/send-back", data=said)
    assert sent.status_code == 303
    told = get_task(work.engine.db, UUID(sent.headers["Location"].rsplit("/", 1)[1])).description
    assert "All in all good.\n\nshop/prices.py, line 2: Round it.\n" in told
    assert "return sum(item.price * (1 + tax) for item in items)" in told
    assert "no/such/file, line 9: Where is it?" in told
    assert visitor.post(f"{path}/approve", data=form_of(page)).status_code == 409


def test_what_was_written_is_there_after_a_refusal(
    visitor: httpx.Client, work: WaitingWork
) -> None:
    path = f"/workflows/{work.workflow_id}"
    page = visitor.get(f"{path}/approve").text
    work.add("Round it", diff_of({**PRICES, "rounding.py": ("", "x\n")}, SECOND))
    refused = visitor.post(f"{path}/send-back", data=form_of(page, text="A long thought"))
    assert refused.status_code == 409
    assert "A long thought" in refused.text
    assert "Round it" in refused.text
    assert get_workflow(work.engine.db, work.workflow_id).delivery.status == "awaiting_approval"


def test_nothing_in_a_diff_becomes_part_of_the_page(
    visitor: httpx.Client, work: WaitingWork
) -> None:
    texts = {f"src/{HOSTILE}.py".replace("/script", "\\script"): ("", f"{HOSTILE}\n")}
    record_diff(work.engine.db, work.workflow_id, diff_of(texts, FIRST))
    page = visitor.get(f"/workflows/{work.workflow_id}/approve").text
    assert "<script>alert" not in page
    for hiding in ("\x1b", "\u202e"):
        assert hiding not in page.replace(f'data-path="{html.escape(HOSTILE)}', "")
    assert "49" not in page.split('class="lines"')[1].split("</table>")[0]
    whole = replace(diff_of(texts, FIRST), patch="+" * 200_000, truncated=True)
    record_diff(work.engine.db, work.workflow_id, whole)
    assert "not all of it is shown" in visitor.get(f"/workflows/{work.workflow_id}/approve").text


def test_a_person_judges_the_work_of_a_task(visitor: httpx.Client, engine: Engine) -> None:
    validation = {"enabled": True, "criteria": ["It is right."], "reviewer": "person"}
    engine.start_workflow(phases=[{**PHASES[0], "validation": validation}, PHASES[1]])
    task = engine.create("Paint the hull")
    bump_task(engine.db, task.id)
    agent = engine.run(engine.claimed("page"))
    engine.report_done(agent, summary="It is painted")
    checking.begin_review(engine.db, agent.id, commit=FIRST)
    record_diff(engine.db, task.id, diff_of(PRICES, FIRST))
    path = f"/tasks/{task.id}"
    page = visitor.get(f"{path}/diff").text
    assert f'href="{path}/diff"' in visitor.get("/inbox").text
    assert "It is painted" in page
    assert "Its work waits for your verdict" in page

    late = visitor.post(f"{path}/verdict", data={**form_of(page, verdict="pass"), "commit": SECOND})
    assert late.status_code == 409
    assert "Look at it as it is now" in late.text
    comment = {
        "comment_path": "tests/test_prices.py",
        "comment_place": "-1",
        "comment_text": "Why?",
    }
    assert (
        visitor.post(f"{path}/verdict", data=form_of(page, text="", **comment)).status_code == 303
    )
    assert get_task(engine.db, task.id).status == "needs_work"
    page = visitor.get(f"{path}/diff").text
    assert "tests/test_prices.py, removed line 1: Why?" in page
    assert "Send it back" not in page
