"""Real agent programs work through a workflow with two phases; only their model is scripted."""

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from hephaestus_sdk import Phase, WorkflowDefinition
from tests.e2e.program_stack import running_programs
from tests.e2e.stack import Stack, git
from tests.integration.agents.conformance.case_claude import CLAUDE
from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.case_droid import DROID_EXEC
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.cases import Call, ModelCase, Run
from tests.model_server import ModelServer, Request, Text, ToolUse, turns

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(300)]

CASES: Final = (CLAUDE, CODEX_CLI, OPENCODE_CLI, DROID_EXEC)
FIRST: Final = "Change {} so that it says hello, with `quotes`, $(nothing run) and ünïcode."
SECOND: Final = "Add a second line to {}; what the first phase wrote has to be there."


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(turns("Finished.")) as running:
        yield running


@pytest.fixture(scope="module")
def stack(server: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Run a stack whose user has installed and set up all programs."""
    folder = tmp_path_factory.mktemp("stack")
    with running_programs(CASES, server, folder, default_cli_tool="claude") as running:
        yield running


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_agent_edits_creates_a_task_reports_and_is_merged(
    stack: Stack, server: ModelServer, case: ModelCase
) -> None:
    file = f"{case.name}.txt"
    server.script = model(case, file)
    stack.sdk.client.register(definition(case))
    workflow_id = stack.sdk.start_workflow(case.name, description="A greeting")
    stack.sdk.create_task_in_workflow(workflow_id, FIRST.format(file), phase_id=1)

    summary = stack.sdk.wait_for_completion(workflow_id, timeout=180)

    tasks = stack.sdk.get_tasks(workflow_id=workflow_id)
    assert {(t.phase_id, t.status, t.attempt) for t in tasks} == {(1, "done", 1), (2, "done", 1)}
    child = next(task for task in tasks if task.phase_id == 2)
    assert child.created_by_agent_id
    assert child.description == SECOND.format(file)
    (workflow,) = (w for w in summary.workflows if w.workflow_id == workflow_id)
    assert workflow.delivery.status == "delivered"
    assert git(stack.repository, "show", f"main:{file}") == "hello\nworld"
    assert (stack.repository / file).read_text() == "hello\nworld\n"
    prompts = "\n".join(text for r in server.conversations() for text in r.texts("user"))
    assert FIRST.format(file) in prompts


def definition(case: ModelCase) -> WorkflowDefinition:
    runs = {"cli_tool": case.name, "cli_model": case.model}
    phases = [
        Phase(id=1, name="greet", description="Write the greeting.", **runs),
        Phase(id=2, name="extend", description="Make it longer.", **runs),
    ]
    return WorkflowDefinition(id=case.name, name=f"Two phases of {case.name}", phases=phases)


def model(case: ModelCase, file: str) -> Callable[[Request], Text | ToolUse]:
    """Return the model's script: the prompt's task selects the steps, and the turn the step."""
    child = {"description": SECOND.format(file), "phase_id": 2}
    first = (
        Run(f"echo hello > {file} && cat {file}"),
        Call("create_task", child),
        Call("update_task_status", {"status": "done", "summary": f"{file} says hello"}),
    )
    second = (
        Run(f"grep -qx hello {file} && echo world >> {file}"),
        Call("update_task_status", {"status": "done", "summary": f"{file} has a second line"}),
    )

    def answer(request: Request) -> Text | ToolUse:
        prompt = "\n".join(request.texts("user"))
        task = prompt.partition("# Your task\n")[2].partition("# Done when")[0]
        steps = first if FIRST.format(file) in task else second
        return case.tools(steps[request.turn]) if request.turn < len(steps) else Text("Finished.")

    return answer
