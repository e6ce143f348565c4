"""The official inspector's command line, over HTTP and over stdio."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hephaestus_web.mcp.registry import CATALOGUE
from tests import agent_packages
from tests.engine import Engine
from tests.integration.mcp.callers import Person
from tests.web_server import WebServer

pytestmark = pytest.mark.real_program

STDIO = [sys.executable, "-m", "hephaestus_sdk.cli.main", "mcp"]


def inspect(web: WebServer, person: Person, over: str, *arguments: str) -> Any:
    """Return what the inspector prints of a request that the server answers."""
    done = inspected(web, person, over, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def inspected(
    web: WebServer, person: Person, over: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run the inspector."""
    inspector = agent_packages.program(*agent_packages.INSPECTOR, "mcp-inspector")
    http = [f"{web.url}/mcp", "--transport", "http"]
    headers = ["--header", f"Authorization: Bearer {person.token}"]
    server = [*http, *headers] if over == "http" else STDIO
    given = {"HEPHAESTUS_URL": web.url, "HEPHAESTUS_TOKEN": person.token}
    pairs = [word for name, value in given.items() for word in ("-e", f"{name}={value}")]
    return subprocess.run(
        [inspector, "--cli", *(pairs if over == "stdio" else []), *server, *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("over", ["http", "stdio"])
def test_it_lists_the_tools_and_calls_one(
    web: WebServer, engine: Engine, operator: Person, over: str
) -> None:
    tools = inspect(web, operator, over, "--method", "tools/list")["tools"]
    assert [tool["name"] for tool in tools] == [o.tool.name for o in CATALOGUE.of_people]
    made = inspect(
        web,
        operator,
        over,
        "--method",
        "tools/call",
        "--tool-name",
        "create_task",
        "--tool-arg",
        f"workflow_id={engine.workflow_id}",
        "--tool-arg",
        "description=Look at it",
        "--tool-arg",
        "phase_id=1",
    )
    assert made["structuredContent"]["status"] == "queued"


def test_a_call_that_is_refused_shows_the_code_and_the_remedy(
    web: WebServer, operator: Person
) -> None:
    nothing = f"task_id={UUID(int=0)}"
    call = ("--method", "tools/call", "--tool-name", "cancel_task", "--tool-arg", nothing)
    done = inspected(web, operator, "http", *call)
    shown = done.stdout + done.stderr
    assert "not_found" in shown
    assert f"No task {UUID(int=0)}" in shown
