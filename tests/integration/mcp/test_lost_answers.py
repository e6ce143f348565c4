"""Answers that are lost on their way: the client calls again, and nothing happens twice."""

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest

from hephaestus_core.agents import service as agents
from hephaestus_core.changes.diffs import record_attempt_diff
from hephaestus_core.contract.diffs import Diff
from hephaestus_core.definitions import service as definitions
from hephaestus_worker.scripted_agent.tools import Tools
from tests.cutting_proxy import CuttingProxy, cutting_proxy
from tests.engine import Engine
from tests.integration.mcp.callers import LiveAgent, start_agent
from tests.waiting import wait_until
from tests.web_server import WebServer

DONE = {"status": "done", "summary": "It floats"}


@pytest.fixture
def proxy(web: WebServer) -> Iterator[CuttingProxy]:
    with cutting_proxy(web.url) as running:
        yield running


@pytest.fixture
def agent(engine: Engine) -> LiveAgent:
    """An agent in a phase whose first ``done`` is a question."""
    phases = [
        {"id": 1, "name": "find", "description": "Find it.", "leads_to": [2]},
        {"id": 2, "name": "fix", "description": "Fix it."},
    ]
    definition_id = f"asks-{uuid4().hex[:8]}"
    definitions.save_definition(
        engine.db, {"id": definition_id, "name": "Asks", "phases": phases, "config": {}}
    )
    engine.launch(definition_id)
    return start_agent(engine)


def tools_of(agent: LiveAgent, url: str, retried: list[str]) -> Tools:
    return Tools(f"{url}/mcp", agent.token, on_retry=retried.append)


def host_saves(engine: Engine, agent: LiveAgent) -> None:
    """Record the diff for which the first answer waits, as the agent's host would."""
    wait_until(
        lambda: agents.get_agent(engine.db, agent.view.id).asked_done_at,
        timeout=30,
        what="the agent has asked",
    )
    diff = Diff("b", "c", files=0, insertions=0, deletions=0, changes=[], patch="", truncated=False)
    record_attempt_diff(engine.db, agent.view.id, diff)


def test_each_answer_of_a_report_that_is_lost_is_given_again(
    engine: Engine, agent: LiveAgent, proxy: CuttingProxy
) -> None:
    retried: list[str] = []
    tools = tools_of(agent, proxy.url, retried)
    saver = Thread(target=host_saves, args=(engine, agent))
    saver.start()
    proxy.cuts = 2
    first = tools.call("update_task_status", DONE)
    saver.join()
    assert len(retried) == 2
    assert first["status"] == "in_progress", "a repeated question is no report"
    assert [_answer(lost) for lost in proxy.lost] == [first, first]
    assert engine.events("task.status_changed")[-1].data["to"] == "in_progress"

    proxy.cuts = 1
    report = tools.call("update_task_status", DONE | {"nothing_follows": "no cause"})
    assert report["status"] == "under_review"
    assert _answer(proxy.lost[-1]) == report


def test_a_call_that_is_sent_again_with_its_number_is_the_same_question(
    web: WebServer, engine: Engine, agent: LiveAgent
) -> None:
    """Programs send no Idempotency-Key, but they number their calls."""
    record_diff_later = Thread(target=host_saves, args=(engine, agent))
    record_diff_later.start()

    def called(number: int) -> str:
        body = {
            "jsonrpc": "2.0",
            "id": number,
            "method": "tools/call",
            "params": {
                "name": "update_task_status",
                "arguments": DONE | {"nothing_follows": "no cause"},
            },
        }
        headers = {
            "Authorization": f"Bearer {agent.token}",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-06-18",
        }
        said = httpx.post(f"{web.url}/mcp", json=body, headers=headers, timeout=60)
        return str(said.json()["result"]["structuredContent"]["status"])

    assert [called(number) for number in (7, 7, 8)] == ["in_progress"] * 2 + ["under_review"]
    record_diff_later.join()


def _answer(said: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(said)["result"]["structuredContent"]
    return answer
