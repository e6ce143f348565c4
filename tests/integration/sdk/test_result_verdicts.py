"""People judge results by the SDK, the command line and in the browser."""

import html

import httpx
import pytest

from hephaestus_core.results import service as results
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.errors import Conflict, InvalidInput
from tests.integration.sdk.commands import Invoke
from tests.integration.sdk.conftest import Players
from tests.integration.web.browsing import browser, hidden, log_in
from tests.web_server import WebServer


def submitted(sdk: HephaestusSDK, players: Players, task: str = "Paint the bridge.") -> str:
    """Let an agent submit a result, and return its id."""
    sdk.create_task(task)
    engine = players.of(sdk.workflow_id)
    author = engine.run(engine.claimed())
    result = results.submit(engine.db, author.id, explanation="It is painted.")
    engine.finish(author)
    return str(result.id)


def test_the_sdk_and_the_command_give_a_verdict(
    judged: HephaestusSDK, players: Players, invoke: Invoke
) -> None:
    result = submitted(judged, players)
    with pytest.raises(InvalidInput):
        judged.client.judge_result(result, passed=False)
    assert invoke("judge", result)[0] == 2
    assert invoke("judge", result[:8], "--reject", "--reason", "No primer.") == (
        0,
        "the result is rejected\n",
    )
    assert invoke("judge", result, "--accept")[0] == 12
    again = submitted(judged, players, "Put primer on it first.")
    accepted = judged.client.judge_result(again, passed=True, feedback="Fine.")
    assert (accepted.status, accepted.judged_by, accepted.feedback) == (
        *("accepted", "admin", "Fine."),
    )
    with pytest.raises(Conflict):
        judged.client.judge_result(again, passed=True)


def test_the_page_takes_a_verdict(judged: HephaestusSDK, players: Players, web: WebServer) -> None:
    result = submitted(judged, players)
    with browser(web) as client:
        log_in(client)
        page = client.get("/results").text
        form = {
            "csrf_token": hidden(page, "csrf_token"),
            "verdict": "reject",
            "feedback": "No <b>primer</b>.",
        }
        sent: httpx.Response = client.post(
            f"/results/{result}/judge", data=form, follow_redirects=True
        )
    shown = html.unescape(sent.text)
    assert "No <b>primer</b>." in shown
    assert "<b>primer</b>" not in sent.text
    assert f'action="/results/{result}/judge"' not in sent.text
