"""`hephaestus mcp`, as a program that speaks MCP over stdio starts it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from hephaestus_core.tasks.service import cancel_task
from hephaestus_sdk.cli.report import ExitCode
from hephaestus_sdk.runtime import ports
from hephaestus_web.mcp.registry import CATALOGUE
from tests.engine import Engine
from tests.integration.mcp.callers import Person
from tests.web_server import WebServer

COMMAND = [sys.executable, "-m", "hephaestus_sdk.cli.main", "mcp"]


def environment(url: str, token: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "HEPHAESTUS_URL": url,
        "HEPHAESTUS_TOKEN": token,
    }


@asynccontextmanager
async def stdio(web: WebServer, person: Person, mode: str) -> AsyncIterator[Client]:
    """The official client with the command as its server."""
    parameters = StdioServerParameters(
        command=COMMAND[0], args=COMMAND[1:], env=environment(web.url, person.token)
    )
    async with Client(stdio_client(parameters), mode=mode) as client:
        yield client


def run(url: str, token: str, *lines: object) -> subprocess.CompletedProcess[str]:
    """Run the command with these lines as its whole input."""
    return subprocess.run(
        COMMAND,
        input="".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines),
        env=environment(url, token),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("mode", ["legacy", "auto", "2026-07-28"])
def test_a_real_client_lists_calls_and_reads(
    web: WebServer, engine: Engine, operator: Person, mode: str
) -> None:
    given = {
        "workflow_id": str(engine.workflow_id),
        "description": "Ünïcode — «whole»\nand two lines",
        "phase_id": 1,
    }

    async def session() -> tuple[list[str], Any]:
        async with stdio(web, operator, mode) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            made: Any = (await client.call_tool("create_task", given)).structured_content
            uri = f"hephaestus://tasks/{made['task_id']}"
            [content] = (await client.read_resource(uri)).contents
            assert (await client.call_tool("get_task", {"task_id": "nö"})).is_error
            return tools, content

    tools, content = asyncio.run(session())
    assert tools == [offer.tool.name for offer in CATALOGUE.of_people]
    assert json.loads(content.text)["description"] == given["description"]


def test_a_long_wait_does_not_hold_up_other_calls(
    web: WebServer, engine: Engine, viewer: Person
) -> None:
    task_id = engine.create().id

    async def session() -> None:
        async with stdio(web, viewer, "auto") as client:
            arguments = {"task_id": str(task_id), "wait_seconds": 25}
            wait = asyncio.ensure_future(client.call_tool("wait_for_task", arguments))
            await asyncio.wait_for(client.call_tool("health_check", {}), 10)
            assert not wait.done()
            cancel_task(engine.db, task_id)
            assert (await wait).structured_content is not None

    asyncio.run(session())


def test_a_text_with_half_a_character_is_answered(web: WebServer, viewer: Person) -> None:
    params = {"name": "get_task", "arguments": {"task_id": "\ud83d"}}
    done = run(
        web.url, viewer.token, {"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": params}
    )
    assert (done.returncode, json.loads(done.stdout)["id"]) == (0, 9), done.stderr


def test_the_output_is_the_protocol_and_nothing_else(web: WebServer, viewer: Person) -> None:
    done = run(
        web.url,
        viewer.token,
        "this is no JSON",
        [1, 2],
        "",
        {"jsonrpc": "2.0", "id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": "two", "method": "no/such"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    answers = {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    assert answers[1]["result"] == {}
    assert answers["two"]["error"]["code"] == -32601
    assert set(answers) == {None, 1, "two"}


def test_a_stack_that_is_not_there_is_said_in_one_line() -> None:
    failed = run(f"http://127.0.0.1:{ports.choose()}", "a-token")
    assert (failed.returncode, failed.stdout) == (ExitCode.UNREACHABLE, "")
    assert failed.stderr.count("\n") == 1
    assert "does not answer" in failed.stderr


def test_a_wrong_token_is_said_in_one_line(web: WebServer) -> None:
    failed = run(web.url, "wrong-token")
    assert (failed.returncode, failed.stdout) == (ExitCode.NOT_ALLOWED, "")
    assert failed.stderr.count("\n") == 1
    assert "wrong-token" not in failed.stderr


def test_what_is_no_stack_is_said_in_one_line(web: WebServer, viewer: Person) -> None:
    failed = run(f"{web.url}/login", viewer.token)
    assert (failed.returncode, failed.stdout) == (ExitCode.NOT_FOUND, "")
    assert failed.stderr.count("\n") == 1
