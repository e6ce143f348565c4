"""A program that is killed at its work: the whole product lets it go on with its conversation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.settings.config import Settings
from hephaestus_sdk import Phase, WorkflowDefinition
from hephaestus_worker.agent_programs.base import Promise
from hephaestus_worker.agents.launch_files import SCRIPT
from hephaestus_worker.terminal.environment import base_environment
from tests.agent_processes import kill, without
from tests.e2e.stack import Stack, assert_settled, git, running_stack
from tests.integration.agents.conformance.case_configured import CONFIGURED, described
from tests.integration.agents.conformance.cases import Call, Case, Run
from tests.integration.agents.conformance.conftest import START_SECONDS
from tests.model_server import ModelServer
from tests.waiting import wait_until

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(600)]

DEFINITION = WorkflowDefinition(
    id="write", name="Write", phases=[Phase(id=1, name="write", description="Write it.")]
)
ATTEMPTS = "SELECT id::text, attempt, status, resumes_id::text FROM agents ORDER BY attempt"


@pytest.fixture
def stack(
    case: Case, model: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stack]:
    """Run a stack whose user has the program, and has set it up."""
    user = tmp_path / "user"
    user.mkdir()
    given = case.environment(model, user)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings: dict[str, Any] = {
        "default_cli_tool": case.name,
        "cli_model": case.model,
        "agent_environment": sorted(
            {*Settings().agent_environment, *given} - {*base_environment()}
        ),
        "agent_programs": described()["agents"]["programs"] if case is CONFIGURED else {},
    }
    with running_stack(tmp_path / "stack", **settings) as running:
        yield running


@pytest.mark.promise(Promise.RESUMES)
def test_a_killed_program_goes_on_with_its_conversation(
    stack: Stack, case: Case, model: ModelServer, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    prompt = case.plan(
        model,
        "Write the halves.",
        [
            Run("echo half > work.txt"),
            Run(f"[ -e {gate} ] || {{ touch begun; sleep 600; }}"),
            Run("grep -qx half work.txt && echo whole >> work.txt"),
            Call("update_task_status", {"status": "done", "summary": "both halves are there"}),
        ],
    )
    stack.sdk.client.register(DEFINITION)
    workflow = stack.sdk.start_workflow(DEFINITION.id, description="Halves")
    task = stack.sdk.create_task_in_workflow(workflow, prompt, phase_id=1)
    worktrees = stack.home / "host" / "worktrees"
    wait_until(
        lambda: [*worktrees.glob("*/begun")],
        timeout=START_SECONDS,
        what="the command that is interrupted",
    )

    gate.touch()
    [agent] = stack.live_marks()
    kill(without(SCRIPT, stack.live_marks()[agent]))

    stack.sdk.wait_for_completion(workflow, timeout=2 * START_SECONDS)
    first, second = stack.rows(ATTEMPTS)
    assert stack.sdk.get_task(task).status == "done"
    assert git(stack.repository, "show", "main:work.txt") == "half\nwhole"
    resumes = Promise.RESUMES not in case.program.cannot
    assert second["resumes_id"] == (first["id"] if resumes else None)
    agents = stack.home / "host" / "agents"
    log = (agents / second["id"] / "pane.log").read_text(errors="replace")
    assert case.remembers(model, log, "Write the halves.") == resumes
    tokens = {(agents / each["id"] / "token").read_text() for each in (first, second)}
    assert len(tokens) == 2
    assert_settled(stack)
