"""The real Claude Code works through a workflow of two phases; only its model is scripted."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hephaestus_sdk import Phase, WorkflowDefinition
from tests.agent_packages import claude_code
from tests.e2e.stack import Stack, git, running_stack
from tests.model_server import ModelServer, Request, Text, ToolUse

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(300)]

DEFINITION = WorkflowDefinition(
    id="two-phases",
    name="Two phases",
    phases=[
        Phase(id=1, name="greet", description="Write the greeting.", cli_tool="claude"),
        Phase(id=2, name="extend", description="Make it longer.", cli_tool="claude"),
    ],
)
FIRST = "Change greeting.txt so that it says hello, with `quotes`, $(nothing run) and ünïcode."
SECOND = "Add a second line to greeting.txt; what the first phase wrote has to be there."


def tool(name: str, **arguments: object) -> ToolUse:
    return ToolUse(f"mcp__hephaestus__{name}", arguments)


def shell(command: str) -> ToolUse:
    return ToolUse("Bash", {"command": command, "description": "a command"})


WORK = {
    FIRST: (
        shell("echo hello > greeting.txt && cat greeting.txt"),
        tool("create_task", description=SECOND, phase_id=2),
        tool("update_task_status", status="done", summary="greeting.txt says hello"),
    ),
    SECOND: (
        shell("grep -qx hello greeting.txt && echo world >> greeting.txt"),
        tool("update_task_status", status="done", summary="greeting.txt has a second line"),
    ),
}


def model(request: Request) -> Text | ToolUse:
    """Play the model: who is asked is known by the task in the prompt, how far by its turns."""
    prompt = "\n".join(request.texts("user"))
    steps = WORK[FIRST if f"# Your task\n\n{FIRST}" in prompt else SECOND]
    return steps[request.turn] if request.turn < len(steps) else Text("Finished.")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(model) as running:
        yield running


@pytest.fixture
def stack(server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("PATH", f"{claude_code()}:{os.environ['PATH']}")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789-abcdefghijklmnopqrstuvwxyz")
    with running_stack(tmp_path, default_cli_tool="claude") as running:
        running.sdk.client.register(DEFINITION)
        yield running


def test_claude_code_edits_creates_a_task_reports_and_is_merged(
    stack: Stack, server: ModelServer
) -> None:
    workflow_id = stack.sdk.start_workflow("two-phases", description="A greeting")
    stack.sdk.create_task_in_workflow(workflow_id, FIRST, phase_id=1)

    summary = stack.sdk.wait_for_completion(workflow_id, timeout=120)

    tasks = stack.sdk.get_tasks(workflow_id=workflow_id)
    assert {(t.phase_id, t.status, t.attempt) for t in tasks} == {(1, "done", 1), (2, "done", 1)}
    child = next(task for task in tasks if task.phase_id == 2)
    assert child.created_by_agent_id
    assert child.description == SECOND
    assert summary.workflows[0].delivery.state == "delivered"
    assert git(stack.repository, "show", "main:greeting.txt") == "hello\nworld"
    assert (stack.repository / "greeting.txt").read_text() == "hello\nworld\n"
    prompts = "\n".join(text for r in server.conversations() for text in r.texts("user"))
    assert FIRST in prompts
