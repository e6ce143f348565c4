"""Real programs whose key is refused: the next program of the chain goes on within seconds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest

from tests.e2e.planned import Plan, Planned, one_phase
from tests.e2e.program_records import Record, Situation, keep
from tests.e2e.program_stack import running_programs
from tests.e2e.stack import Stack, assert_settled
from tests.integration.agents.conformance.case_claude import CLAUDE
from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.case_droid import DROID_EXEC
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.cases import ModelCase
from tests.model_server import Fault, ModelServer
from tests.waiting import wait_until

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(300)]

CASES: Final = (CLAUDE, CODEX_CLI, OPENCODE_CLI, DROID_EXEC)
REFUSED: Final = Fault(401, "Incorrect API key provided.")
SWEEP_SECONDS: Final = 2
PATIENCE: Final = 180.0
#: Seconds until the next program has begun, on a machine that is busy: 15 s on a quiet one.
GOES_ON: Final = 45.0


def task_of(case: ModelCase) -> str:
    return f"Be refused as {case.name}."


@dataclass(frozen=True)
class Floor:
    """The stack with a task of each program, whose keys are refused."""

    stack: Stack
    planned: Planned
    tasks: dict[str, str]


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    folder = tmp_path_factory.mktemp("refused")
    planned = Planned({task_of(case): Plan(case, [REFUSED]) for case in CASES})
    with (
        ModelServer(planned) as server,
        running_programs(
            CASES,
            server,
            folder,
            monitoring_interval=SWEEP_SECONDS,
            host_slots=len(CASES),
            max_concurrent_agents=len(CASES),
        ) as stack,
    ):
        tasks = {}
        for case in CASES:
            stack.sdk.client.register(one_phase(case, cli_fallback=["scripted"]))
            workflow = stack.sdk.start_workflow(f"of-{case.name}")
            tasks[case.name] = stack.sdk.create_task_in_workflow(
                workflow, task_of(case), phase_id=1
            )
        yield Floor(stack, planned, tasks)
        assert_settled(stack)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_next_program_goes_on_within_seconds(floor: Floor, case: ModelCase) -> None:
    task = floor.tasks[case.name]
    done = lambda: floor.stack.sdk.get_task(task).status == "done"  # noqa: E731
    wait_until(done, timeout=PATIENCE, what="the next program has done the task")
    first, second = floor.stack.sdk.get_task(task).attempts
    assert (first.program, first.failure_class) == (case.name, "permanent"), first
    assert second.program == "scripted"
    assert (second.stands_in_for or "").partition(":")[0] == case.name
    assert second.running_at is not None
    seconds = (second.running_at - floor.planned.asked[task_of(case), 0]).total_seconds()
    assert seconds < GOES_ON
    outcome = "the next program of the chain goes on"
    keep(Record(case.name, case.version, Situation.KEY, outcome, seconds))
