"""Real programs review work in a repository whose settings steer its author, and not them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from hephaestus_sdk import Phase, WorkflowDefinition
from hephaestus_sdk.models import ValidationCriteria
from hephaestus_worker.agents.steering_files import STEERING
from tests.e2e.program_stack import running_programs
from tests.e2e.stack import Stack, commit_files, git
from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.cases import Call, ModelCase, Run
from tests.integration.agents.conformance.planted import HEEDED, PLANTED, RAN, SAYS, effects
from tests.model_server import ModelServer, Request, Text, ToolUse, turns

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(600)]

#: The API by which each of the two asks its model.
ASKS_AT: Final = {"codex": "/v1/responses", "opencode": "/v1/chat/completions"}
#: What has an effect before a file beside instructions is read.
AT_START: Final = {name: heeded - {"sub/AGENTS.md"} for name, heeded in HEEDED.items()}
DONE: Final = Call("update_task_status", {"status": "done", "summary": "It says hello."})
AUTHOR: Final = (
    Run(f"echo '{SAYS}AGENTS.md.' >> AGENTS.md && echo hello > hello.txt"),
    *(DONE, DONE),
)
JUDGE: Final = (
    Run("git diff HEAD~1 HEAD -- AGENTS.md | tr a-z A-Z; ls -A; git status"),
    Call("give_task_review", {"passed": True, "feedback": "It does."}),
)


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(turns("Finished.")) as running:
        yield running


@pytest.fixture(scope="module")
def stack(server: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    with running_programs((CODEX_CLI, OPENCODE_CLI), server, folder) as running:
        # A reviewer of another program than the author's is given no model.
        config = folder / "user" / ".codex" / "config.toml"
        config.write_text(f'model = "{CODEX_CLI.model}"\n{config.read_text()}')
        yield running


@pytest.mark.parametrize(
    ("author", "judge"),
    [(CODEX_CLI, OPENCODE_CLI), (OPENCODE_CLI, CODEX_CLI)],
    ids=["opencode judges", "codex judges"],
)
def test_what_steers_an_author_steers_no_judge(
    stack: Stack, server: ModelServer, author: ModelCase, judge: ModelCase, tmp_path: Path
) -> None:
    commit_files(stack.repository, PLANTED)
    before = files(stack)
    server.requests.clear()
    server.script = model(author, judge)
    stack.sdk.client.register(definition(author))
    workflow_id = stack.sdk.start_workflow(author.name)
    task_id = stack.sdk.create_task_in_workflow(workflow_id, "Say hello.", phase_id=1)

    stack.sdk.wait_for_completion(workflow_id, timeout=400)

    [review] = stack.sdk.client.reviews(task_id=task_id)
    assert review.status == "passed"
    judged = stack.sdk.get_task(str(review.reviewer_task_id))
    assert [attempt.program for attempt in judged.attempts] == [judge.name]
    ran = {name for name in files(stack) - before if name.startswith(RAN)}
    assert {*ran, *effects(tmp_path, said(server, author))} == AT_START[author.name]
    assert effects(tmp_path, said(server, judge)) == set()
    shown = [r.tool_results() for r in server.requests if r.path == ASKS_AT[judge.name]][-1][0]
    assert f"+{SAYS}AGENTS.md.".upper() in shown
    assert "working tree clean" in shown
    listed = set(shown.splitlines())
    assert "hello.txt" in listed
    assert listed.isdisjoint(STEERING)
    assert {name for name in listed - before if name.startswith(RAN)} == ran


def files(stack: Stack) -> set[str]:
    return set(git(stack.repository, "ls-tree", "-r", "--name-only", "main").split())


def definition(author: ModelCase) -> WorkflowDefinition:
    phase = Phase(
        id=1,
        name="greet",
        description="Write the greeting.",
        cli_tool=author.name,
        cli_model=author.model,
        validation=ValidationCriteria(enabled=True, criteria=["It says hello."]),
    )
    return WorkflowDefinition(id=author.name, name=f"Work of {author.name}", phases=[phase])


def said(server: ModelServer, case: ModelCase) -> str:
    """Return all that the model was told by this program."""
    return json.dumps([r.body for r in server.requests if r.path == ASKS_AT[case.name]])


def model(author: ModelCase, judge: ModelCase) -> Callable[[Request], Text | ToolUse]:
    """Return the model's script: the program tells the role, and the turn the step."""

    def answer(request: Request) -> Text | ToolUse:
        judges = request.path == ASKS_AT[judge.name]
        case, steps = (judge, JUDGE) if judges else (author, AUTHOR)
        return case.tools(steps[request.turn]) if request.turn < len(steps) else Text("Finished.")

    return answer
