"""Real programs whose conversation does not fit their model any more: begun anew with the work."""

import json
from collections.abc import Iterator
from typing import Final

import pytest

from tests.e2e.planned import DONE, Plan, Planned
from tests.e2e.program_floor import Floor, floor_of
from tests.e2e.program_records import Record, Situation, keep
from tests.e2e.stack import commit_files, git
from tests.integration.agents.conformance.case_claude import CLAUDE
from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.case_droid import DROID_EXEC
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.cases import ModelCase, Run
from tests.model_server import Fault

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(400)]

SWEEP_SECONDS: Final = 4
#: The Guardian ends nothing within a minute; how long all may take beside other tests.
PATIENCE: Final = 240.0
CODE: Final = {"code": "context_length_exceeded"}
#: How each program's provider refuses a conversation that is too long.
TOO_LONG: Final = {
    CLAUDE: Fault(400, "prompt is too long: 205000 tokens > 200000 maximum"),
    CODEX_CLI: Fault(400, "Your input exceeds the context window of this model.", details=CODE),
    OPENCODE_CLI: Fault(400, "This model's maximum context length is 200000 tokens.", details=CODE),
    DROID_EXEC: Fault(400, "prompt is too long: 205000 tokens > 200000 maximum"),
}
#: Otherwise it would leave out most of its conversation, and go on.
OPENCODE_SETTINGS: Final = {"compaction": {"auto": False}}


def task_of(case: ModelCase) -> str:
    return f"Fill the context of {case.name}."


def plan_of(case: ModelCase) -> Plan:
    file = f"{case.name}.txt"
    wrote = Run(f"echo half > {file}")
    went_on = Run(f"grep -qx half {file} && echo whole >> {file}")
    return Plan(case, (wrote, *[TOO_LONG[case]] * 9), anew=(went_on, DONE))


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    folder = tmp_path_factory.mktemp("full")
    planned = Planned({task_of(case): plan_of(case) for case in TOO_LONG})
    sweep = {"monitoring_interval": SWEEP_SECONDS}
    with floor_of(list(TOO_LONG), planned, folder, slots=len(TOO_LONG), **sweep) as running:
        commit_files(running.stack.repository, {"opencode.json": json.dumps(OPENCODE_SETTINGS)})
        for case in TOO_LONG:
            running.begin(case, task_of(case))
        yield running


@pytest.mark.parametrize("case", TOO_LONG, ids=lambda case: case.name)
def test_a_used_up_context_is_left_behind_and_the_work_goes_on(
    floor: Floor, case: ModelCase
) -> None:
    stack, task = floor.stack, floor.tasks[task_of(case)]
    stack.sdk.wait_for_completion(floor.workflows[task_of(case)], timeout=PATIENCE)
    ended = stack.sdk.get_task(task)
    first, *_ = ended.attempts
    why = [(each.failure_class, each.failure_reason) for each in ended.attempts]
    assert (ended.status, ended.attempt) == ("done", 2), why
    second = ended.attempts[1]
    assert second.resumes_id is None
    assert first.failure_class == "agent_fault"
    assert git(stack.repository, "show", f"main:{case.name}.txt") == "half\nwhole"
    acts = [act for act in stack.sdk.interventions() if act.task_id == task]
    assert first.ended_at is not None
    seconds = (first.ended_at - floor.planned.asked[task_of(case), 1]).total_seconds()
    outcome = "begun anew with the work"
    if case is DROID_EXEC:  # it ends by itself
        assert acts == []
        assert "too long" in (first.failure_reason or "")
        outcome = f"it ends; {outcome}"
        keep(Record(case.name, case.version, Situation.CONTEXT, outcome, seconds))
        return
    assert len(acts) == 1, acts
    [act] = acts
    assert (act.action, act.cause, act.effect) == ("renew", "context_full", "ended"), acts
    assert act.evidence
    assert "its conversation did not fit its model any more" in floor.told(task_of(case))
    keep(Record(case.name, case.version, Situation.CONTEXT, outcome, seconds))
