"""Tools that wait: until something happens, the time is over, or the server stops."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from hephaestus_core.settings.config import load_settings
from hephaestus_web.app import create_app
from hephaestus_web.live.permits import WAITING_CLIENTS
from tests.engine import Engine
from tests.integration.mcp.callers import Person, answer, refusal, start_agent
from tests.mcp_client import mcp_client
from tests.servers import Valkey
from tests.waiting import wait_until
from tests.web_server import WebServer, running_web


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


def waits(client: httpx.Client) -> bool:
    """Say whether somebody waits for events."""
    return "hephaestus_clients_waiting 1.0" in client.get("/metrics").text


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
        wait_until(lambda: waits(client), what="the wait begins")
        start = time.monotonic()
        web.process.terminate()
        assert waiting.result(20).json()["result"]["structuredContent"]["ended"] is False
        assert web.process.wait(15) == 0
        assert time.monotonic() - start < 20  # less than the wait of 25 s


def test_only_a_call_that_may_wait_holds_a_permit(database_url: str, tmp_path: Path) -> None:
    settings = load_settings(environ={}, overrides={"home": tmp_path, "database_url": database_url})
    app = create_app(settings)
    running = app.extensions["running"]
    running.start()
    engine = Engine(running.database).with_host("a")
    engine.start_workflow()
    agent_id = str(start_agent(engine).view.id)
    log = tmp_path / "host" / "agents" / agent_id / "pane.log"
    log.parent.mkdir(parents=True)
    log.write_text("shown")

    def output(seconds: float) -> dict[str, Any]:
        arguments = {"agent_id": agent_id, "wait_seconds": seconds}
        call = {"name": "get_agent_output", "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        headers = {
            "Authorization": f"Bearer {running.admin_token}",
            "Accept": "application/json, text/event-stream",
            "Host": "localhost:8000",
        }
        answer = app.test_client().post("/mcp", json=body, headers=headers)
        result: dict[str, Any] = answer.get_json()["result"]
        return result

    with ExitStack() as crowd:
        for _ in range(WAITING_CLIENTS):
            crowd.enter_context(app.extensions["hephaestus.permits"].acquired())
        assert output(0)["structuredContent"]["text"] == "shown"
        assert "unavailable" in output(1)["content"][0]["text"]
    running.close()
