"""A fallback does the task of a program that is missing or out of quota."""

import os
from pathlib import Path

import pytest

from hephaestus_sdk import Phase, WorkflowDefinition
from hephaestus_sdk.api.agent_views import Agent
from tests.agent_packages import codex
from tests.e2e.stack import Stack, running_stack
from tests.model_server import Fault, ModelServer

DEFINITION = WorkflowDefinition(
    id="standing-in",
    name="Standing in",
    phases=[
        Phase(
            id=1,
            name="work",
            description="Work.",
            cli_tool="codex",
            cli_model="some-model",
            cli_fallback=["scripted:another-model"],
        )
    ],
)


def attempts(stack: Stack) -> list[Agent]:
    """Run a task to its end and return its attempts, oldest first."""
    stack.sdk.client.register(DEFINITION)
    workflow_id = stack.sdk.start_workflow("standing-in", description="Try")
    stack.sdk.create_task_in_workflow(workflow_id, "Do it.", phase_id=1)
    stack.sdk.wait_for_completion(workflow_id, timeout=120)
    (task,) = stack.sdk.get_tasks(workflow_id=workflow_id)
    assert (task.status, task.attempt) == ("done", 2)
    agents = stack.sdk.client.agents(workflow_id=workflow_id, live=False)
    return sorted(agents, key=lambda agent: agent.attempt)


def test_a_missing_program_makes_place_for_the_next(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        first, second = attempts(stack)
        assert (first.program, first.model) == ("codex", "some-model")
        assert first.failure_class == "permanent"
        assert "npm install -g @openai/codex" in (first.failure_reason or "")
        assert (second.program, second.model) == ("scripted", "another-model")
        assert second.stands_in_for == "codex:some-model"
        (host,) = stack.sdk.client.hosts()
        assert "scripted" in host.programs
        assert "codex" not in host.programs


@pytest.mark.real_program
def test_a_program_that_waits_without_quota_makes_place_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer(lambda _: Fault(429, "You exceeded your current quota.")) as model:
        monkeypatch.setenv("PATH", f"{codex()}:{os.environ['PATH']}")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{model.url}/v1")
        with running_stack(tmp_path, monitoring_interval=1) as stack:
            first, second = attempts(stack)
            assert (first.program, first.failure_class) == ("codex", "quota")
            assert "429" in (first.failure_reason or "")
            assert second.stands_in_for == "codex:some-model"
            (host,) = stack.sdk.client.hosts()
            assert "codex" in host.programs
        assert "some-model" in {request.body.get("model") for request in model.requests}
