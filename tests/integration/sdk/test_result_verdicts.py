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


def test_a_result_that_waits_for_its_proof_says_so(
    judged: HephaestusSDK, players: Players, invoke: Invoke, web: WebServer
) -> None:
    engine = players.of(judged.workflow_id)
    engine.start_workflow(has_result=True, result_checks=[{"check_type": "red_green"}])
    engine.create()
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="It is painted.")

    [seen] = judged.client.results(str(engine.workflow_id))
    assert seen.awaits_proof == ("red_green",)
    waits = "red_green: waits for its author's report and proof"
    assert waits in invoke("results", str(engine.workflow_id))[1]
    with browser(web) as client:
        log_in(client)
        for page in ("/results", f"/workflows/{engine.workflow_id}"):
            assert "red green: waits for its author's report" in html.unescape(
                client.get(page).text
            )

    engine.finish(author)
    assert waits not in invoke("results", str(engine.workflow_id))[1]
