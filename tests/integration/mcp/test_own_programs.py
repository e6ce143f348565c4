"""The commands that docs/mcp.md shows, run with the real programs on a real stack."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hephaestus_core.tasks.service import list_tasks
from tests import agent_packages
from tests.engine import Engine
from tests.integration.mcp.callers import Person
from tests.model_server import ModelServer, Request, Text, ToolUse
from tests.web_server import WebServer

pytestmark = pytest.mark.real_program

SHOWN = (Path(__file__).parents[3] / "docs" / "mcp.md").read_text()
COMMANDS = "\n".join(re.findall(r"^```sh\n(.*?)^```", SHOWN, re.MULTILINE | re.DOTALL)).splitlines()


def run(
    web: WebServer,
    person: Person,
    home: Path,
    bin_folder: Path,
    command: str,
    **environment: str,
) -> str:
    """Run a command as it is shown, but for the address of the stack."""
    own = Path(sys.executable).parent
    done = subprocess.run(
        ["sh", "-c", command.replace("http://127.0.0.1:8000", web.url)],
        env={
            "HOME": str(home),
            "PATH": f"{bin_folder}:{own}:/usr/local/bin:/usr/bin:/bin",
            "HEPHAESTUS_URL": web.url,
            "HEPHAESTUS_TOKEN": person.token,
            **environment,
        },
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_claude_code_connects_as_shown(web: WebServer, viewer: Person, tmp_path: Path) -> None:
    bin_folder = agent_packages.claude_code()
    for command in COMMANDS:
        if command.startswith("claude "):
            run(web, viewer, tmp_path, bin_folder, command)
    found = run(web, viewer, tmp_path, bin_folder, "claude mcp list")
    assert re.findall(r"^([\w-]+): .* Connected$", found, re.MULTILINE) == [
        "hephaestus",
        "hephaestus-http",
    ]
    assert viewer.token not in (tmp_path / ".claude.json").read_text()


def test_claude_code_creates_a_task_and_waits_for_it(
    web: WebServer, engine: Engine, operator: Person, tmp_path: Path
) -> None:
    """The real program with the tools over stdio; only its model is scripted."""
    task = {"workflow_id": str(engine.workflow_id), "description": "Sand the hull", "phase_id": 1}

    def model(request: Request) -> Text | ToolUse:
        if request.turn == 0:
            return ToolUse("mcp__hephaestus__create_task", task)
        made = json.loads(request.tool_results()[-1])
        if request.turn == 1:
            wait = {"task_id": made["task_id"], "wait_seconds": 0}
            return ToolUse("mcp__hephaestus__wait_for_task", wait)
        return Text(f"ended: {made['ended']}, status: {made['task']['status']}")

    bin_folder = agent_packages.claude_code()
    run(web, operator, tmp_path, bin_folder, COMMANDS[0])
    with ModelServer(model) as server:
        said = run(
            web,
            operator,
            tmp_path,
            bin_folder,
            "claude -p --allowedTools mcp__hephaestus -- 'Have the hull sanded'",
            ANTHROPIC_BASE_URL=server.url,
            ANTHROPIC_API_KEY="sk-ant-test-0123456789",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
        )
    assert said.strip() == "ended: False, status: queued"
    [made] = list_tasks(engine.db, workflow_id=engine.workflow_id).items
    assert (made.description, made.created_by) == ("Sand the hull", "olga")


def test_codex_takes_what_is_shown(web: WebServer, viewer: Person, tmp_path: Path) -> None:
    bin_folder = agent_packages.program(*agent_packages.CODEX, "codex").parent
    for command in COMMANDS:
        if command.startswith("codex "):
            run(web, viewer, tmp_path, bin_folder, command)
    found = run(web, viewer, tmp_path, bin_folder, "codex mcp list")
    assert re.findall(r"^(hephaestus\S*) .* enabled ", found, re.MULTILINE) == [
        "hephaestus",
        "hephaestus-http",
    ]
    assert viewer.token not in (tmp_path / ".codex" / "config.toml").read_text()
