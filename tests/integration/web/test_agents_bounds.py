"""What an agent's token is good for: its own workflow, its own tools, and only while it lives."""

import asyncio
from typing import Any

import pytest

from hephaestus_core.agents.views import AgentView, Trouble
from tests.engine import Engine
from tests.integration.mcp.callers import refusal_in
from tests.mcp_client import call
from tests.web_server import WebServer

NOBODY = "00000000-0000-4000-8000-000000000000"
#: What a live agent might say with each tool that says or does something.
TOOLS: dict[str, dict[str, Any]] = {
    "get_my_task": {},
    "get_tasks": {},
    "create_task": {"description": "x", "phase_id": 1},
    "update_task_status": {"status": "done", "summary": "x"},
    "get_agent_status": {},
    "send_message": {"recipient_agent_id": NOBODY, "message": "x"},
    "broadcast_message": {"message": "x"},
    "get_messages": {},
    "submit_result": {"explanation": "x"},
    "submit_result_validation": {"validation_passed": True, "feedback": "x"},
    "get_workflow_results": {},
}


@pytest.fixture
def engine(web: WebServer) -> Engine:
    """A workflow of this test's own."""
    engine = Engine(web.database).with_host("a", slots=100)
    engine.start_workflow(has_result=True, result_criteria="It works")
    return engine


def token_of(agent: AgentView) -> str:
    return f"heph_agent_{agent.id}"


def started(engine: Engine, description: str = "work") -> AgentView:
    engine.create(description, priority="critical")
    agent = engine.claimed()
    return engine.run(agent, token=token_of(agent))


def answer(web: WebServer, agent: AgentView, tool: str, **arguments: Any) -> Any:
    return asyncio.run(call(web.url, token_of(agent), tool, **arguments))


@pytest.mark.parametrize("tool", list(TOOLS))
def test_an_agent_whose_attempt_is_over_does_and_reads_nothing(
    web: WebServer, engine: Engine, tool: str
) -> None:
    agent = started(engine)
    engine.end(agent, failure=Trouble("permanent", "the test says so"))
    before = len(engine.events())
    refused = answer(web, agent, tool, **TOOLS[tool])
    assert refusal_in(refused)["code"] == "stale_attempt", refused.content
    changes = {event.type for event in engine.events()[before:]}
    assert changes <= {"agent.report_refused"}, changes


def test_an_agent_sees_nothing_of_another_workflow(web: WebServer, engine: Engine) -> None:
    mine = started(engine, "mine")
    other = Engine(web.database)
    other.start_workflow()
    theirs = started(other, "a secret of theirs")
    for tool in ("get_my_task", "get_tasks", "get_agent_status", "get_workflow_results"):
        seen = answer(web, mine, tool)
        assert not seen.is_error, seen.content
        assert "a secret of theirs" not in str(seen.structured_content)
        assert str(theirs.id) not in str(seen.structured_content)
    told = answer(web, mine, "send_message", recipient_agent_id=str(theirs.id), message="psst")
    assert refusal_in(told)["code"] == "forbidden"
    engine.end(mine, failure=Trouble("permanent", "the test is over"))
    other.end(theirs, failure=Trouble("permanent", "the test is over"))
