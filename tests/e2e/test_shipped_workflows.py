"""The real Claude Code works through shipped workflows to their end; its model is scripted."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest

from hephaestus_core.settings.config import Settings
from hephaestus_sdk.models import WorkflowDefinition
from tests.e2e.stack import DEFINITION as E2E
from tests.e2e.stack import Stack, commit_files, git, running_stack
from tests.integration.agents.conformance.case_claude import CLAUDE
from tests.integration.agents.conformance.cases import Call, Run
from tests.model_server import ModelServer, Request, Text, ToolUse, turns
from tests.waiting import wait_until
from workflows.bug_fix import BUG_FIX_DEFINITION
from workflows.feature_development import FEATURE_DEFINITION

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(420)]

Steps = Sequence[Run | Call]

TESTS: Final = "python3 -m unittest -q"
FILES: Final = {
    "calc.py": "def total(numbers):\n    return sum(numbers[1:])\n",
    "tests/__init__.py": "",
}
NEW_TEST: Final = """\
cat > tests/test_{name}.py <<'END'
import unittest

from {module} import {function}


class New(unittest.TestCase):
    def test_{name}(self):
        self.assertEqual({function}([1, 2]), {value})
END
"""
PLAN: Final = """\
mkdir -p docs/features && cat > docs/features/mean.md <<'END'
# Mean

## Examples
- EX_01: given 1 and 2, when I ask for the mean, then it is 1.5.
- EX_02: given one number, when I ask for the mean, then it is that number.
- EX_03: given no number, when I ask for the mean, then I am told.
## Left out
- Median.
## Files
- `mean.py` (new)
## Risks
- None is seen.
## Slices
1. EX_01, EX_02, EX_03
END
"""


def done(summary: str, command: str = "", expect: str = "") -> list[Call]:
    """Return the report: the first one is answered with what to look at."""
    given = {"status": "done", "summary": summary, "proof": {"command": command, "expect": expect}}
    return [Call("update_task_status", given)] * 2


def judged(tool: str, name: str, command: str) -> list[Run | Call]:
    return [Run(command), Call(tool, {name: True, "feedback": f"I ran {command}."})]


PROOF: Final = f"{TESTS} tests.test_first"
BUG: Final[Mapping[str, Steps]] = {
    "1 prove": [
        Call("record_facts", {"test_command": TESTS}),
        Run(NEW_TEST.format(name="first", module="calc", function="total", value=3)),
        Call("create_task", {"phase_id": 2, "description": "The slice skips the first number."}),
        *done("The slice skips the first number.", PROOF, "2 != 3"),
    ],
    "2 fix": [Run("sed -i 's/.1:.//' calc.py"), *done("The slice is gone.", PROOF, "2 != 3")],
    "3 verify": [
        Run(TESTS),
        Call("submit_result", {"explanation": "It is gone.", "proof": {"command": PROOF}}),
        *done("Verified."),
    ],
    "give_task_review": judged("give_task_review", "passed", PROOF),
    "submit_result_validation": judged(
        "submit_result_validation", "validation_passed", f"{TESTS} tests.test_first"
    ),
}
MEAN: Final = f"{TESTS} tests.test_EX_01_EX_02_EX_03"
FEATURE: Final[Mapping[str, Steps]] = {
    "1 understand": [
        Call("record_facts", {"test_command": TESTS}),
        Run(PLAN),
        Call(
            "create_task",
            {
                "phase_id": 2,
                "start": "when_i_am_done",
                "description": "Slice 1 of docs/features/mean.md: EX_01, EX_02, EX_03.",
            },
        ),
        *done("The plan has three examples."),
    ],
    "2 build": [
        Run("printf 'def mean(numbers):\\n    return sum(numbers) / len(numbers)\\n' > mean.py"),
        Run(NEW_TEST.format(name="EX_01_EX_02_EX_03", module="mean", function="mean", value=1.5)),
        *done("There is a mean.", MEAN),
    ],
    "3 check": [
        Run(TESTS),
        Call("submit_result", {"explanation": "All hold.", "proof": {"command": MEAN}}),
        *done("Checked."),
    ],
    "give_task_review": judged("give_task_review", "passed", "test -e docs/features/mean.md"),
    "submit_result_validation": judged("submit_result_validation", "validation_passed", MEAN),
}


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(turns("Finished.")) as running:
        yield running


@pytest.fixture(scope="module")
def stack(server: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    user = tmp_path_factory.mktemp("user")
    keys = CLAUDE.log_in(server, user)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(user))
        patch.setenv("PATH", os.pathsep.join([str(CLAUDE.install()), os.environ["PATH"]]))
        for name, value in keys.items():
            patch.setenv(name, value)
        names = sorted({*Settings().agent_environment, *keys})
        folder = tmp_path_factory.mktemp("stack")
        with running_stack(folder, default_cli_tool="claude", agent_environment=names) as running:
            commit_files(running.repository, FILES)
            yield running


@pytest.mark.parametrize(
    ("definition", "steps", "params", "holds"),
    [
        (
            BUG_FIX_DEFINITION,
            BUG,
            {"bug_title": "Wrong total", "bug_description": "total([1, 2]) gives 2."},
            ("calc.py", "sum(numbers)"),
        ),
        (
            FEATURE_DEFINITION,
            FEATURE,
            {"feature_title": "Mean", "feature_description": "I want the mean of numbers."},
            ("mean.py", "len(numbers)"),
        ),
    ],
    ids=["bug-fix", "feature-development"],
)
def test_claude_code_takes_a_shipped_workflow_to_its_end(
    stack: Stack,
    server: ModelServer,
    definition: WorkflowDefinition,
    steps: Mapping[str, Steps],
    params: Mapping[str, Any],
    holds: tuple[str, str],
) -> None:
    server.script = lambda request: _answer(request, steps)
    stack.sdk.client.register(definition)
    workflow_id = stack.sdk.start_workflow(definition.id, launch_params=params)

    summary = stack.sdk.wait_for_completion(workflow_id, timeout=300)

    assert summary.succeeded, str(summary)
    [result] = stack.sdk.client.results(workflow_id)
    assert (result.status, result.outcome) == ("accepted", "done")
    assert {check.status for check in result.checks} == {"passed"}
    assert stack.sdk.get_workflow(workflow_id).delivery.status == "delivered"
    path, text = holds
    assert text in git(stack.repository, "show", f"main:{path}")
    agents = stack.rows(
        "SELECT DISTINCT program FROM agents WHERE workflow_id = :workflow_id",
        workflow_id=workflow_id,
    )
    assert [row["program"] for row in agents] == ["claude"]


def _answer(request: Request, steps: Mapping[str, Steps]) -> Text | ToolUse:
    """Return the next step of the role that the prompt gives its agent."""
    prompt = "\n".join(request.texts("user"))
    phase = re.search(r"^# Your phase\n+(\d \w+)$", prompt, re.MULTILINE)
    role = phase[1] if phase else next((each for each in steps if f"`{each}`" in prompt), "")
    own = steps.get(role, ())
    return CLAUDE.tools(own[request.turn]) if request.turn < len(own) else Text("Finished.")


def test_claude_code_asks_a_person_and_goes_on_with_the_answer(
    stack: Stack, server: ModelServer
) -> None:
    server.script = _asking
    workflow_id = stack.sdk.start_workflow(E2E.id)
    task_id = stack.sdk.create_task_in_workflow(workflow_id, "Paint the boat.")
    [question] = wait_until(
        lambda: stack.sdk.client.questions(status="open"), timeout=120, what="it asks"
    )
    assert (question.text, question.options) == ("Which colour?", ("red", "blue"))
    wait_until(
        lambda: stack.sdk.get_task(task_id).status == "blocked",
        timeout=60,
        what="it waits without a slot",
    )

    stack.sdk.answer(question.id, "Neither: take green.")

    task = stack.sdk.wait_for_task(task_id, timeout=180)
    assert (task.status, len(task.attempts)) == ("done", 2)
    stack.sdk.wait_for_completion(workflow_id, timeout=60)
    assert git(stack.repository, "show", "main:colour") == "green"


def _asking(request: Request) -> Text | ToolUse:
    """Ask first; once the prompt has the answer, do what it says and report."""
    answered = "take green" in "\n".join(request.texts("user"))
    if not answered:
        question = {"question": "Which colour?", "options": ["red", "blue"], "wait": True}
        asked = any("question" in each for each in request.tool_results())
        return Text("I wait.") if asked else CLAUDE.tools(Call("ask_person", question))
    results = "\n".join(request.tool_results())
    if "painted" not in results:
        return CLAUDE.tools(Run("echo green > colour && echo painted"))
    if "Stop now" not in results.partition("painted")[2]:
        return CLAUDE.tools(Call("update_task_status", {"status": "done", "summary": "Green."}))
    return Text("Finished.")
