"""A task whose program is not installed is done by the one that stands in for it."""

from pathlib import Path

from hephaestus_sdk import Phase, WorkflowDefinition
from tests.e2e.stack import running_stack

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


def test_a_missing_program_makes_place_for_the_next(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        stack.sdk.client.register(DEFINITION)
        workflow_id = stack.sdk.start_workflow("standing-in", description="Try")
        stack.sdk.create_task_in_workflow(workflow_id, "Do it.", phase_id=1)
        stack.sdk.wait_for_completion(workflow_id, timeout=60)

        (task,) = stack.sdk.get_tasks(workflow_id=workflow_id)
        assert (task.status, task.attempt) == ("done", 2)
        first, second = sorted(
            stack.sdk.client.agents(workflow_id=workflow_id, live=False),
            key=lambda agent: agent.attempt,
        )
        assert (first.program, first.model, first.failure_class) == (
            "codex",
            "some-model",
            "permanent",
        )
        assert "npm install -g @openai/codex" in (first.failure_reason or "")
        assert (second.program, second.model) == ("scripted", "another-model")
        assert second.stands_in_for == "codex:some-model"
        (host,) = stack.sdk.client.hosts()
        assert "scripted" in host.programs
        assert "codex" not in host.programs
