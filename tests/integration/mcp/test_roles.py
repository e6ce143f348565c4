"""Who is offered which tools, and what is recorded of those who call them."""

import asyncio

import pytest

from hephaestus_web.mcp.registry import CATALOGUE
from tests.engine import Engine
from tests.integration.mcp.callers import Person, answer, refusal, start_agent
from tests.mcp_client import mcp_client
from tests.web_server import WebServer

CHANGING = [
    offer.tool.name
    for offer in CATALOGUE.of_people
    if offer.listed.annotations and not offer.listed.annotations.read_only_hint
]


def listed(web: WebServer, person: Person) -> list[str]:
    async def names() -> list[str]:
        async with mcp_client(web.url, person.token) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    return asyncio.run(names())


def test_an_operator_is_offered_all_tools_and_a_viewer_those_that_read(
    web: WebServer, operator: Person, viewer: Person
) -> None:
    everything = [offer.tool.name for offer in CATALOGUE.of_people]
    assert listed(web, operator) == everything
    assert listed(web, viewer) == [name for name in everything if name not in CHANGING]


def test_a_narrowed_token_has_the_tools_of_its_scopes(
    web: WebServer, engine: Engine, pipeline: Person
) -> None:
    changing = ("create_task", "cancel_task", "restart_task", "bump_task")
    judging = ("not_duplicate", "is_duplicate", "review_task", "judge_result")
    assert listed(web, pipeline) == [*changing, *judging, "set_inbox_item_aside"]
    refused = refusal(web, pipeline, "stop_workflow", workflow_id=str(engine.workflow_id))
    assert (refused["code"], "workflows" in refused["message"]) == ("forbidden", True)
    assert refusal(web, pipeline, "get_queue")["code"] == "forbidden"


def test_what_a_person_changes_or_may_not_is_in_the_audit_log(
    web: WebServer, engine: Engine, operator: Person, viewer: Person
) -> None:
    workflow_id = str(engine.workflow_id)
    given = {"workflow_id": workflow_id, "description": "secret words", "phase_id": 1}
    made = answer(web, operator, "create_task", **given)["task_id"]
    answer(web, operator, "get_task", task_id=made)
    refusal(web, viewer, "cancel_task", task_id=made)
    refusal(web, operator, "restart_task", task_id=made)
    agent = start_agent(engine)
    answer(web, agent, "create_task", description="not a person's", phase_id=1)
    with web.client() as admin:
        entries = admin.get("/api/v1/audit", params={"limit": 3}).json()["items"]
    assert [(e["actor"], e["action"], e["target"], e["status"]) for e in entries] == [
        ("olga", "tasks.restart_task", {"task_id": made}, 409),
        ("vera", "tasks.cancel_task", {"task_id": made}, 403),
        ("olga", "tasks.create_task", {"workflow_id": workflow_id, "created": made}, 200),
    ]
    assert {e["address"] for e in entries} == {"127.0.0.1"}


@pytest.mark.parametrize("tool", CHANGING)
def test_a_viewer_cannot_call_what_changes_something(
    web: WebServer, viewer: Person, tool: str
) -> None:
    refused = refusal(web, viewer, tool)
    assert refused["code"] == "forbidden"
    assert "operator" in refused["message"]


def test_agents_and_people_cannot_call_each_others_tools(
    web: WebServer, engine: Engine, operator: Person
) -> None:
    agent = start_agent(engine)
    for tool in ("cancel_task", "start_workflow", "get_queue", "list_workflows"):
        refused = refusal(web, agent, tool, task_id=str(agent.view.task_id))
        assert refused["code"] == "forbidden", tool
    for tool in ("get_my_task", "update_task_status", "submit_result_validation"):
        assert refusal(web, operator, tool)["code"] == "forbidden", tool
