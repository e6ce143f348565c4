"""``hephaestus run`` waits for the diagnosis of a workflow that stands still."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from hephaestus_core.agents import reports
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.diagnoses import service as diagnoses
from hephaestus_core.diagnoses.rules import Rhythm
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.results import service as results
from hephaestus_core.results.verdicts import decide_result
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.cli.report import ExitCode
from hephaestus_sdk.waiting import diagnosing
from tests.engine import Engine
from tests.integration.sdk.commands import Invoke
from tests.integration.sdk.conftest import Players
from tests.integration.sdk.test_launch_commands import GOAL
from tests.integration.sdk.test_waits import Waiting, deliver, submit
from tests.waiting import wait_until

AT_ONCE = Rhythm(enabled=True, still_for=0, cooldown=0)
#: Seconds for what events bring about, on a loaded machine.
SOON = 60.0


class Run:
    """``hephaestus run``, a process, of a workflow whose only task is done without a result."""

    def __init__(
        self, api_url: str, token: str, players: Players, folder: Path, *more: str
    ) -> None:
        (folder / "goal.yaml").write_text(GOAL)
        command = [sys.executable, "-m", "hephaestus_sdk.cli.main", "run"]
        place = ("--repo", "https://a.example/r", "--param", "what=the sea")
        self.process = subprocess.Popen(
            [*command, str(folder / "goal.yaml"), *place, *more],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(folder),
                "NO_COLOR": "1",
                "HEPHAESTUS_URL": api_url,
                "HEPHAESTUS_TOKEN": token,
                "PYTHONPATH": str(Path(__file__).parents[3]),
            },
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.errors = self.process.stderr
        self.workflow_id = self.errors.readline().strip()
        self.engine: Engine = players.of(self.workflow_id)
        players.finish(self.workflow_id)
        self.said = self.errors.readline()

    def diagnosing(self) -> AgentView:
        """Start the agent that is to find out why."""
        assert diagnoses.start_due(self.engine.db, AT_ONCE) == 1
        return self.engine.run(self.engine.claimed())

    def outcome(self) -> tuple[int, str, str]:
        """Return the exit code, the output, and what was said after the first line."""
        output, errors = self.process.communicate(timeout=SOON)
        return self.process.returncode, output, errors


@pytest.fixture
def run(api_url: str, token: str, players: Players, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def begin(*more: str) -> Run:
        runs.append(Run(api_url, token, players, tmp_path, *more))
        return runs[-1]

    yield begin
    for one in runs:
        one.process.kill()
        one.process.communicate()


def test_a_run_waits_for_the_diagnosis_and_what_it_leads_to(run: Callable[..., Run]) -> None:
    one = run()
    assert "no agent submitted the result that is expected. An agent is to find" in one.said
    assert one.said.endswith(" Waiting for it.\n")
    agent = one.diagnosing()
    workflow_id = UUID(one.workflow_id)
    order = TaskOrder(workflow_id=workflow_id, phase_id=1, description="Submit it")
    reports.create_task(one.engine.db, agent.id, order)
    one.engine.finish(agent)
    diagnoses.end_finished(one.engine.db)
    submit(one.engine)
    [result], _ = results.page_of_results(one.engine.db, workflow_id)
    decide_result(one.engine.db, result.id, passed=True, feedback="", decided_by="ann")
    deliver(one.engine)

    code, output, errors = one.outcome()
    assert (code, errors) == (0, "")
    assert "result accepted" in output


def test_a_run_ends_with_the_reason_once_all_diagnoses_are_used_up(
    run: Callable[..., Run], sdk: HephaestusSDK
) -> None:
    one = run()
    sdk.client.change_limits(one.workflow_id, diagnoses_per_workflow=1)
    broken = Trouble(FailureClass.PERMANENT, "the compiler is missing")
    one.engine.end(one.diagnosing(), failure=broken)
    diagnoses.end_finished(one.engine.db)

    code, output, errors = one.outcome()
    assert code == ExitCode.NOT_WELL
    assert " stands still after " in output
    assert "Diagnosis 1 has failed: " in errors
    assert "the compiler is missing" in errors
    assert "It has had 1 of 1 runs, and stands still again" in errors


def test_the_time_of_a_run_ends_in_a_wait_for_a_diagnosis_too(
    run: Callable[..., Run], sdk: HephaestusSDK
) -> None:
    one = run("--timeout", "20")
    code, _, errors = one.outcome()
    assert code == ExitCode.TIMEOUT
    assert "the workflow is stopped" in errors
    assert sdk.get_workflow(one.workflow_id).status == "stopped"


def test_a_run_does_not_wait_for_ever_where_nobody_sweeps(
    invoke: Invoke,
    players: Players,
    sdk: HephaestusSDK,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The diagnosis is due in a minute; the time is over long before that.
    monkeypatch.setattr(diagnosing, "LATE", -60.0)
    (tmp_path / "goal.yaml").write_text(GOAL)
    before = {workflow.id for workflow in sdk.list_workflows()}
    place = ("--repo", "https://a.example/r", "--param", "what=the sea")
    waiting = Waiting(lambda: invoke("run", str(tmp_path / "goal.yaml"), *place))
    started = wait_until(
        lambda: {workflow.id for workflow in sdk.list_workflows()} - before,
        timeout=SOON,
        what="the workflow is started",
    )
    players.finish(started.pop())
    code, output = waiting.outcome(SOON)
    assert code == ExitCode.NOT_WELL
    assert "1 task (1 done)" in output
    assert "No diagnosis has come" in output
