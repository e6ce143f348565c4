"""Real programs whose key is refused: the next program of the chain goes on within seconds."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.planned import Plan, Planned
from tests.e2e.program_floor import Floor, floor_of
from tests.e2e.program_records import Record, Situation, keep
from tests.integration.agents.conformance.case_claude import CLAUDE
from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.case_droid import DROID_EXEC
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.cases import ModelCase
from tests.model_server import Fault, ModelServer
from tests.waiting import wait_until

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(300)]


def _log_in(model: ModelServer, home: Path) -> dict[str, str]:
    """Leave Claude Code its ten tries: its attempt is to end long before the last."""
    found = CLAUDE.log_in(model, home)
    return {name: value for name, value in found.items() if name != "CLAUDE_CODE_MAX_RETRIES"}


RETRYING: Final = replace(CLAUDE, log_in=_log_in)
CASES: Final = (RETRYING, CODEX_CLI, OPENCODE_CLI, DROID_EXEC)
REFUSED: Final = Fault(401, "Incorrect API key provided.")
SWEEP_SECONDS: Final = 2
PATIENCE: Final = 180.0
#: Seconds until the next program has begun, on a machine that is busy: 15 s on a quiet one.
GOES_ON: Final = 45.0


def task_of(case: ModelCase) -> str:
    return f"Be refused as {case.name}."


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    folder = tmp_path_factory.mktemp("refused")
    planned = Planned({task_of(case): Plan(case, [REFUSED]) for case in CASES})
    sweep = {"monitoring_interval": SWEEP_SECONDS}
    with floor_of(CASES, planned, folder, slots=len(CASES), **sweep) as running:
        for case in CASES:
            running.begin(case, task_of(case), cli_fallback=["scripted"])
        yield running


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_next_program_goes_on_within_seconds(floor: Floor, case: ModelCase) -> None:
    task = floor.tasks[task_of(case)]
    done = lambda: floor.stack.sdk.get_task(task).status == "done"  # noqa: E731
    wait_until(done, timeout=PATIENCE, what="the next program has done the task")
    first, second = floor.stack.sdk.get_task(task).attempts
    assert (first.program, first.failure_class) == (case.name, "permanent"), first
    if case is RETRYING:  # while it still tries again
        assert "refused the login 3 times" in (first.failure_reason or "")
    assert second.program == "scripted"
    assert (second.stands_in_for or "").partition(":")[0] == case.name
    assert second.running_at is not None
    seconds = (second.running_at - floor.planned.asked[task_of(case), 0]).total_seconds()
    assert seconds < GOES_ON
    outcome = "the next program of the chain goes on"
    keep(Record(case.name, case.version, Situation.KEY, outcome, seconds))
