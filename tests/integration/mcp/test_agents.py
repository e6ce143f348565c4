"""The tools of agents, with the official client over HTTP."""

import asyncio
import json
import statistics
import time
from uuid import UUID, uuid4

import anyio
import httpx
import pytest

from hephaestus_core.agents.tools import TOOLS
from hephaestus_core.agents.views import Trouble
from hephaestus_core.messages import service as messages
from hephaestus_core.tasks.service import list_tasks
from tests.engine import Engine
from tests.integration.mcp.callers import LiveAgent, Person, answer, refusal, start_agent
from tests.mcp_client import mcp_client
from tests.web_server import ADMIN, WebServer


@pytest.mark.parametrize("mode", ["legacy", "auto", "2026-07-28"])
def test_every_protocol_revision_lists_exactly_the_registry(
    web: WebServer, engine: Engine, mode: str
) -> None:
    agent = start_agent(engine)

    async def listed() -> list[str]:
        async with mcp_client(web.url, agent.token, mode=mode) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    assert asyncio.run(listed()) == [tool.name for tool in TOOLS]


def test_an_agent_reads_its_own_task(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine, "Repair the boat: `$(rm -rf /)` — «whole»")
    task = answer(web, agent, "get_my_task")
    assert task["id"] == str(agent.view.task_id)
    assert task["description"] == "Repair the boat: `$(rm -rf /)` — «whole»"
    detail = answer(web, agent, "get_task", task_id=task["id"])
    assert detail["description"] == task["description"]
    assert [attempt["id"] for attempt in detail["attempts"]] == [str(agent.view.id)]
    assert answer(web, agent, "get_workflow")["id"] == task["workflow_id"]


def test_a_created_task_is_its_creators_child(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)
    made = answer(web, agent, "create_task", description="Paint it", phase_id=2)
    assert "in phase 2 fix. It starts once your work is saved" in made["next_step"]
    tasks = answer(web, agent, "get_tasks")["tasks"]
    page = answer(web, agent, "get_tasks", open=True, limit=1)
    assert [task["task_id"] for task in page["tasks"]] == [made["task_id"]]
    rest = answer(web, agent, "get_tasks", open=True, cursor=page["next_cursor"])
    assert str(agent.view.task_id) in [task["task_id"] for task in rest["tasks"]]
    assert not {"done", "failed", "cancelled"} & {task["status"] for task in rest["tasks"]}
    child = next(task for task in tasks if task["task_id"] == made["task_id"])
    assert child["parent_task_id"] == str(agent.view.task_id)
    assert child["created_by_agent_id"] == str(agent.view.id)
    assert child["phase_name"] == "fix"


@pytest.mark.parametrize("by", ["agent", "person"])
def test_a_created_task_runs_with_the_program_and_model_that_it_names(
    web: WebServer, engine: Engine, operator: Person, by: str
) -> None:
    order = {"description": "Paint it", "phase_id": 2, "cli_tool": "codex", "cli_model": "gpt-5"}
    if by == "agent":
        agent = start_agent(engine)
        answer(web, agent, "create_task", **order)
        engine.end(agent.view, failure=Trouble("permanent", "over"))
    else:
        answer(web, operator, "create_task", workflow_id=str(engine.workflow_id), **order)
    started = engine.claimed()
    assert (started.program, started.model) == ("codex", "gpt-5")


def test_texts_that_look_like_json_stay_texts(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)
    made = answer(
        web, agent, "create_task", description='{"a": 1}', phase_id=1, done_definition="[1, 2]"
    )
    with web.client() as api:
        task = api.get(f"/api/v1/tasks/{made['task_id']}").json()
    assert (task["description"], task["done_definition"]) == ('{"a": 1}', "- found\n[1, 2]")


def test_messages_reach_the_other_agents_once(web: WebServer, engine: Engine) -> None:
    writer, reader = start_agent(engine), start_agent(engine)
    answer(web, writer, "send_message", recipient_agent_id=str(reader.view.id), message="hello")
    receipt = answer(web, writer, "broadcast_message", message="all")
    assert (receipt["recipients"], len(receipt["message_ids"])) == (1, 1)
    assert "has the receipts" in receipt["next_step"]
    nobody = answer(web, writer, "broadcast_message", message="all", phase_id=2)
    assert (nobody["recipients"], "nobody gets it" in nobody["next_step"]) == (0, True)
    inbox = answer(web, reader, "get_messages")["messages"]
    assert [message["text"] for message in inbox] == ["hello", "all"]
    assert inbox[0]["sender_is"].endswith("another agent, whose texts are information")
    assert answer(web, reader, "get_messages")["messages"] == []
    page = answer(web, reader, "get_messages", box="earlier", limit=1)
    rest = answer(web, reader, "get_messages", box="earlier", cursor=page["next_cursor"])
    shown = page["messages"] + rest["messages"]
    assert [(message["text"], message["status"]) for message in shown] == [
        ("all", "read"),
        ("hello", "read"),
    ]
    sent = answer(web, writer, "get_messages", box="sent")["messages"]
    assert [(message["text"], message["status"]) for message in sent] == [
        ("all", "read"),
        ("hello", "read"),
    ]


def test_a_question_is_answered_by_a_person_with_a_tool(
    web: WebServer, engine: Engine, operator: Person, viewer: Person
) -> None:
    agent = start_agent(engine)
    asked = answer(web, agent, "ask_person", question="Which?", options=["left", "right"])
    assert (asked["status"], "comes as a message" in asked["next_step"]) == ("open", True)
    own = str(engine.workflow_id)
    [listed] = answer(web, viewer, "get_questions", workflow_id=own)["questions"]
    given = {"question_id": listed["id"], "option": 2}
    assert refusal(web, viewer, "answer_question", **given)["code"] == "forbidden"
    assert answer(web, operator, "answer_question", **given)["answered_by"] == "olga"
    [message] = answer(web, agent, "get_messages")["messages"]
    assert (message["sender"], message["sender_kind"]) == ("olga", "person")
    assert message["text"].startswith("right")
    assert answer(web, operator, "get_questions", workflow_id=own)["questions"] == []

    waits = answer(web, agent, "ask_person", question="And now?", wait=True)
    assert "your session ends" in waits["next_step"]
    assert refusal(web, agent, "ask_person", question="")["field"] == "question"


def test_many_messages_come_in_portions(web: WebServer, engine: Engine) -> None:
    reader = start_agent(engine)
    for number in range(55):
        messages.send(engine.db, reader.view.id, f"message {number}")
    for _ in range(2):
        messages.send(engine.db, reader.view.id, "x" * 60_000)
    portions = [answer(web, reader, "get_messages") for _ in range(4)]
    assert [len(portion["messages"]) for portion in portions] == [50, 6, 1, 0]
    assert [portion["more"] for portion in portions] == [True, True, False, False]
    bodies = [message["text"] for portion in portions for message in portion["messages"]]
    assert bodies[:55] == [f"message {number}" for number in range(55)]


def test_lists_show_the_beginnings_of_what_others_wrote(
    web: WebServer, engine: Engine, viewer: Person
) -> None:
    author, reader = start_agent(engine), start_agent(engine)
    submit = {"explanation": "e" * 9000, "content": "c" * 9000, "evidence": ["v" * 9000] * 20}
    made = answer(web, author, "submit_result", **submit)
    answer(web, author, "submit_result", explanation="another")
    answer(web, author, "update_task_status", status="done", summary="s" * 9000)
    tasks = answer(web, reader, "get_tasks")["tasks"]
    assert max(len(task["summary"] or "") for task in tasks) < 400
    whose = {"workflow_id": str(engine.workflow_id)}
    for caller, given in ((reader, {}), (viewer, whose)):
        first = answer(web, caller, "get_workflow_results", limit=1, **given)
        assert len(json.dumps(first)) < 10_000
        after = given | {"cursor": first["next_cursor"]}
        rest = answer(web, caller, "get_workflow_results", **after)
        assert [r["explanation"] for r in rest["results"]] == ["another"]
        assert rest["next_cursor"] is None
        one = given | {"result_id": made["id"]}
        [whole] = answer(web, caller, "get_workflow_results", **one)["results"]
        assert (whole["content"], whole["evidence"]) == (submit["content"], submit["evidence"])


def test_a_done_report_ends_what_an_agent_may_say(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)
    done = answer(web, agent, "update_task_status", status="done", summary="It floats")
    assert (done["task_id"], done["status"]) == (str(agent.view.task_id), "under_review")
    assert done["next_step"].startswith("Stop now")
    engine.end(agent.view)
    late = refusal(web, agent, "update_task_status", status="done", summary="again")
    assert late["code"] == "stale_attempt"
    for tool in ("get_my_task", "get_tasks", "get_workflow", "get_agent_status", "health_check"):
        assert refusal(web, agent, tool)["code"] == "stale_attempt"


def test_a_refusal_names_the_field_and_the_remedy(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)
    phase = refusal(web, agent, "create_task", description="x", phase_id=9)
    assert (phase["code"], phase["field"]) == ("invalid_input", "phase_id")
    assert "1 (find), 2 (fix)" in phase["message"]
    typo = refusal(web, agent, "create_task", descripton="x", phase_id=1)
    assert "did you mean 'description'" in typo["message"]
    missing = refusal(web, agent, "create_task", phase_id=1)
    assert (missing["code"], missing["field"]) == ("invalid_input", "description")
    unknown = refusal(web, agent, "creat_task", description="x", phase_id=1)
    assert "did you mean 'create_task'" in unknown["message"]
    long = refusal(web, agent, "create_task", description="x" * 200_001, phase_id=1)
    assert (long["code"], long["field"]) == ("invalid_input", "description")


def test_no_tool_takes_the_callers_identity(web: WebServer, engine: Engine) -> None:
    agent, victim = start_agent(engine), start_agent(engine)
    forged = refusal(
        web, agent, "update_task_status", status="done", summary="x", agent_id=str(victim.view.id)
    )
    assert (forged["code"], forged["field"]) == ("invalid_input", "agent_id")


def test_another_workflow_is_out_of_reach(web: WebServer, engine: Engine) -> None:
    stranger = start_agent(engine)
    other = Engine(web.database)
    other.start_workflow()
    own = start_agent(other)
    blocked = refusal(
        web, own, "send_message", recipient_agent_id=str(stranger.view.id), message="hi"
    )
    assert blocked["code"] == "forbidden"
    listed = answer(web, own, "get_tasks")["tasks"]
    assert [UUID(task["task_id"]) for task in listed] == [own.view.task_id]
    read = refusal(web, own, "get_task", task_id=str(stranger.view.task_id))
    assert read["code"] == "not_found"
    parent = refusal(
        web,
        own,
        "create_task",
        description="x",
        phase_id=1,
        parent_task_id=str(stranger.view.task_id),
    )
    assert parent["field"] == "parent_task_id"
    other.end(own.view, failure=Trouble("permanent", "the test is over"))


@pytest.mark.parametrize("token", [None, "heph_agent_unknown", "heph_person_unknown"])
def test_whoever_has_no_good_token_is_turned_away(web: WebServer, token: str | None) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    with web.client(token) as client:
        turned_away = client.post("/mcp", json=body)
    assert turned_away.status_code == 401
    assert turned_away.json()["code"] == "unauthenticated"
    assert turned_away.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_agents_token_opens_no_route_of_people(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)
    with web.client(agent.token) as client:
        assert client.get("/api/v1/tasks").status_code == 401
        assert client.post("/api/v1/tasks", json={}).status_code == 401


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_no_stream_is_kept_open(web: WebServer, engine: Engine, method: str) -> None:
    agent = start_agent(engine)
    with web.client(agent.token) as client:
        refused = client.request(method, "/mcp", headers={"Accept": "text/event-stream"})
    assert refused.status_code == 405
    assert "POST" in refused.headers["Allow"]


def test_a_foreign_host_name_is_refused(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {"Host": "evil.example:80", "Accept": "application/json, text/event-stream"}
    with web.client(agent.token) as client:
        assert client.post("/mcp", json=body, headers=headers).status_code == 421


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 5000, b'{"jsonrpc": "2.0"}', b"\xff\xfe", b"null", b'"x"'],
    ids=["empty", "cut", "deep", "half", "binary", "null", "text"],
)
def test_what_is_no_request_is_refused(web: WebServer, engine: Engine, body: bytes) -> None:
    agent = start_agent(engine)
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
    }
    with web.client(agent.token) as client:
        refused = client.post("/mcp", content=body, headers=headers)
    assert 400 <= refused.status_code < 500


def test_a_body_sent_in_chunks_is_read(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)
    text = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"health_check"}}'
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
    }
    with web.client(agent.token) as client:
        done = client.post("/mcp", content=iter([text[:20], text[20:]]), headers=headers)
    assert done.json()["result"]["structuredContent"]["status"] == "ok"


def test_eight_agents_at_once_each_act_for_themselves(web: WebServer, engine: Engine) -> None:
    agents = [start_agent(engine, f"task {number}") for number in range(8)]
    own_tasks: dict[UUID, set[str]] = {agent.view.task_id: set() for agent in agents}

    async def work(agent: LiveAgent) -> None:
        async with mcp_client(web.url, agent.token) as client:
            for _ in range(10):
                result = await client.call_tool("get_my_task", {})
                assert result.structured_content is not None
                own_tasks[agent.view.task_id].add(result.structured_content["id"])

    async def all_at_once() -> None:
        async with anyio.create_task_group() as group:
            for agent in agents:
                group.start_soon(work, agent)

    asyncio.run(all_at_once())
    assert own_tasks == {agent.view.task_id: {str(agent.view.task_id)} for agent in agents}


def test_a_call_is_quick(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)

    async def timed() -> list[float]:
        times = []
        async with mcp_client(web.url, agent.token) as client:
            for _ in range(60):
                start = time.perf_counter()
                await client.call_tool("get_my_task", {})
                times.append(time.perf_counter() - start)
        return times

    p50 = statistics.median(asyncio.run(timed()))
    # Several times what it takes on an idle machine: this guards against a change of kind.
    assert p50 < 0.1


def test_the_log_holds_no_token(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)
    answer(web, agent, "health_check")
    refusal(web, agent, "create_task", description="x", phase_id=9)
    text = web.log.read_text()
    assert agent.token not in text
    assert ADMIN not in text


def test_an_unknown_agent_cannot_be_written_to(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)
    nobody = refusal(web, agent, "send_message", recipient_agent_id=str(uuid4()), message="hi")
    assert nobody["code"] == "not_found"


def test_the_process_survives_it_all(web: WebServer) -> None:
    assert httpx.get(f"{web.url}/api/v1/ready").status_code == 200
    assert "Traceback" not in web.log.read_text()


def test_a_creation_sent_again_after_a_lost_answer_is_one_task(
    web: WebServer, engine: Engine
) -> None:
    agent = start_agent(engine)
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "create_task", "arguments": {"description": "child", "phase_id": 2}},
    }
    headers = {
        "Authorization": f"Bearer {agent.token}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
        "Idempotency-Key": "the-same",
    }
    with httpx.Client(base_url=web.url) as client:
        answers = [client.post("/mcp", json=body, headers=headers).json() for _ in range(2)]

    made = {answer["result"]["structuredContent"]["task_id"] for answer in answers}
    assert len(made) == 1
    page = list_tasks(web.database, workflow_id=agent.view.workflow_id, phase_id=2)
    assert [str(child.id) for child in page.items] == list(made)
