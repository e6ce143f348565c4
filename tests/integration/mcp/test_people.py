"""The tools of people, with the official client over HTTP."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.workflows.service import save_definition
from hephaestus_web.mcp.registry import CATALOGUE
from tests.engine import Engine
from tests.integration.mcp.callers import Person, answer, refusal, start_agent
from tests.mcp_client import mcp_client
from tests.servers import Valkey
from tests.waiting import wait_until
from tests.web_server import WebServer, running_web

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
    assert listed(web, pipeline) == ["create_task", "cancel_task", "restart_task", "bump_task"]
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


def test_a_workflow_from_its_definition_to_its_stop(web: WebServer, operator: Person) -> None:
    save_definition(
        web.database,
        {
            "id": "boat",
            "name": "A boat",
            "phases": [{"id": 1, "name": "plan", "description": "Plan {thing}"}],
            "launch_template": {
                "parameters": [{"name": "thing", "label": "Thing", "type": "text"}],
                "phase_1_task_prompt": "Plan {thing}",
            },
        },
    )
    definitions = answer(web, operator, "list_workflow_definitions")["definitions"]
    [boat] = [d for d in definitions if d["id"] == "boat"]
    assert [p["name"] for p in boat["launch_params"]] == ["thing"]
    unknown = refusal(web, operator, "start_workflow", definition_id="boat", launch_params={"x": 1})
    assert (unknown["code"], unknown["field"]) == ("repository_error", "main_repo_path")
    started = answer(
        web,
        operator,
        "start_workflow",
        definition_id="boat",
        main_repo_path="https://a.example/r",
        launch_params={"thing": "a mast"},
    )
    workflow_id = started["id"]
    newest = answer(web, operator, "list_workflows", limit=1)
    assert [w["workflow_id"] for w in newest["workflows"]] == [workflow_id]
    [task] = answer(web, operator, "get_tasks", workflow_id=workflow_id)["tasks"]
    assert task["description"] == "Plan a mast"
    with web.client(operator.token) as client:
        detail = client.get(f"/api/v1/tasks/{task['task_id']}").json()
    assert detail["created_by"] == "olga"
    stopped = answer(web, operator, "stop_workflow", workflow_id=workflow_id, reason="enough")
    assert (stopped["status"], stopped["closed_reason"]) == ("stopped", "enough")
    assert answer(web, operator, "get_workflow_summary", workflow_id=workflow_id)["finished"]
    again = refusal(web, operator, "approve_workflow", workflow_id=workflow_id)
    assert again["code"] == "conflict"


def test_a_task_from_its_creation_to_its_restart(
    web: WebServer, engine: Engine, operator: Person
) -> None:
    workflow_id = str(engine.workflow_id)
    made = answer(
        web, operator, "create_task", workflow_id=workflow_id, description="Look", phase_id=1
    )
    task_id = made["task_id"]
    assert task_id in [t["task_id"] for t in answer(web, operator, "get_queue")["tasks"]]
    assert answer(web, operator, "bump_task", task_id=task_id)["status"] == "queued"
    assert answer(web, operator, "get_task", task_id=task_id)["boosted"] is True
    cancelled = answer(web, operator, "cancel_task", task_id=task_id, reason="no need")
    assert cancelled == {"task_id": task_id, "status": "cancelled"}
    assert refusal(web, operator, "cancel_task", task_id=task_id)["code"] == "transition_refused"
    assert answer(web, operator, "restart_task", task_id=task_id)["status"] == "queued"
    answer(web, operator, "cancel_task", task_id=task_id)
    absent = refusal(web, operator, "get_task", task_id=str(uuid4()))
    assert absent["code"] == "not_found"


def test_pages_of_tasks_hold_each_task_once(web: WebServer, engine: Engine, viewer: Person) -> None:
    made = [str(engine.create(f"task {number}").id) for number in range(5)]
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = answer(
            web, viewer, "get_tasks", workflow_id=str(engine.workflow_id), limit=2, cursor=cursor
        )
        found += [task["task_id"] for task in page["tasks"]]
        cursor = page["next_cursor"]
    assert found == made[::-1]
    assert refusal(web, viewer, "get_tasks", cursor="nonsense")["field"] == "cursor"


def test_agents_are_seen_written_to_and_stopped(
    web: WebServer, engine: Engine, operator: Person
) -> None:
    agent = start_agent(engine)
    agent_id = str(agent.view.id)
    status = answer(web, operator, "get_agent_status", workflow_id=str(engine.workflow_id))
    assert [found["id"] for found in status["agents"]] == [agent_id]
    answer(web, operator, "send_message", recipient_agent_id=agent_id, message="Mind the mast")
    [message] = answer(web, agent, "get_messages")["messages"]
    assert (message["sender"], message["body"]) == ("olga", "Mind the mast")
    log = web.home / "host" / "agents" / agent_id / "pane.log"
    log.parent.mkdir(parents=True)
    log.write_text("It floats")
    part = refusal(web, operator, "get_agent_output", agent_id=agent_id, limit=0)
    assert part["field"] == "limit"
    assert answer(web, operator, "get_agent_output", agent_id=agent_id)["text"] == "It floats"
    assert answer(web, operator, "stop_agent", agent_id=agent_id)["status"] == "stopping"


def test_a_wait_for_a_task_ends_with_the_task(
    web: WebServer, engine: Engine, viewer: Person
) -> None:
    agent = start_agent(engine)
    task_id = str(agent.view.task_id)
    early = answer(web, viewer, "wait_for_task", task_id=task_id, wait_seconds=0)
    assert early["ended"] is False
    threading.Timer(0.3, engine.finish, [agent.view]).start()
    waited = answer(web, viewer, "wait_for_task", task_id=task_id, wait_seconds=25)
    assert (waited["ended"], waited["task"]["status"]) == (True, "done")


def test_a_watch_goes_on_where_the_last_one_ended(
    web: WebServer, engine: Engine, viewer: Person
) -> None:
    workflow_id = str(engine.workflow_id)
    first = answer(web, viewer, "watch_workflow", workflow_id=workflow_id)
    assert first["events"][0]["type"] == "workflow.started"
    threading.Timer(0.3, engine.create).start()
    second = answer(web, viewer, "watch_workflow", workflow_id=workflow_id, after=first["last_seq"])
    assert [event["type"] for event in second["events"]][:1] == ["task.created"]
    assert (second["status"], second["live_tasks"]) == ("active", 1)
    absent = refusal(web, viewer, "watch_workflow", workflow_id=str(uuid4()))
    assert absent["code"] == "not_found"


def test_those_who_wait_do_not_hold_up_others(
    web: WebServer, engine: Engine, viewer: Person
) -> None:
    """More waits at once than a server has threads for tools."""
    task_id = str(start_agent(engine).view.task_id)

    async def crowd() -> dict[str, Any]:
        async with mcp_client(web.url, viewer.token) as client:
            arguments = {"task_id": task_id, "wait_seconds": 20}
            waits = [
                asyncio.ensure_future(client.call_tool("wait_for_task", arguments))
                for _ in range(60)
            ]
            quick = await asyncio.wait_for(client.call_tool("health_check", {}), 10)
            assert not any(wait.done() for wait in waits)
            for wait in waits:
                wait.cancel()
            assert quick.structured_content is not None
            return quick.structured_content

    assert asyncio.run(crowd())["role"] == "viewer"


def test_a_start_sent_again_after_a_lost_answer_is_one_workflow(
    web: WebServer, engine: Engine, operator: Person
) -> None:
    arguments = {"definition_id": "wf", "main_repo_path": "https://a.example/r"}
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "start_workflow", "arguments": arguments},
    }
    headers = {
        "Authorization": f"Bearer {operator.token}",
        "Accept": "application/json, text/event-stream",
        "Idempotency-Key": "the-same",
    }
    with httpx.Client(base_url=web.url, headers=headers) as client:
        answers = [client.post("/mcp", json=body).json() for _ in range(2)]
    assert len({answer["result"]["structuredContent"]["id"] for answer in answers}) == 1


def test_what_a_started_workflow_is_is_what_rest_says(
    web: WebServer, engine: Engine, viewer: Person
) -> None:
    told = answer(web, viewer, "get_workflow", workflow_id=str(engine.workflow_id))
    assert set(told) == set(WorkflowView.__dataclass_fields__)
    with web.client(viewer.token) as client:
        assert set(client.get(f"/api/v1/workflows/{engine.workflow_id}").json()) == set(told)


def reads_events(web: WebServer) -> bool:
    """Say whether somebody has looked for events of one workflow, and now waits for more."""
    last = text("""
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%events.workflow_id =%'
          AND query NOT LIKE '%pg_stat_activity%'
    """)
    with web.database.reading() as session:
        return bool(session.scalar(last))


def test_a_stop_answers_those_who_wait(
    database_url: str, valkey_server: Valkey, tmp_path: Path
) -> None:
    with (
        running_web(tmp_path, database_url, valkey_server.next_url()) as web,
        web.client() as client,
        ThreadPoolExecutor(1) as pool,
    ):
        engine = Engine(web.database).with_host("a")
        engine.start_workflow()
        arguments = {"task_id": str(start_agent(engine).view.task_id), "wait_seconds": 25}
        call = {"name": "wait_for_task", "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        waiting = pool.submit(client.post, "/mcp", json=body)
        wait_until(lambda: reads_events(web), what="the wait begins")
        start = time.monotonic()
        web.process.terminate()
        assert waiting.result(20).json()["result"]["structuredContent"]["ended"] is False
        assert web.process.wait(15) == 0
        assert time.monotonic() - start < 8
