"""The example scripts, on the real API; hosts and agents are played."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.changes import service as changes
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.results import checking as result_checks
from hephaestus_core.results import service as results
from hephaestus_core.reviews import checking as work_checks
from hephaestus_core.reviews.due import due_checks
from hephaestus_core.tasks.service import get_task
from tests.engine import Engine
from tests.waiting import wait_until
from tests.web_server import WebServer

ROOT = Path(__file__).parents[3]


#: The CI sample of the specification, word for word but for the name of the package.
CI_SAMPLE = """
import sys
from hephaestus_sdk import HephaestusSDK, Phase
REVIEW_PHASES = [Phase(id=1, name="review", description="Review the change")]
sdk = HephaestusSDK(phases=REVIEW_PHASES)
sdk.start()
sdk.create_task("Review PR #123", phase_id=1)
result = sdk.wait_for_result()
if result.validated:
    print("✓ Review passed")
else:
    sys.exit(1)
"""


class Actors:
    """Takes every task that comes, in a thread: does it, hands in results, and judges them.

    Args:
        web: where they work.
        hand_in: also in workflows that need no result.
        judge_well: accept what is handed in.
    """

    def __init__(self, web: WebServer, *, hand_in: bool = False, judge_well: bool = True) -> None:
        self._engine = Engine(web.database).with_host("actors", slots=1000)
        self._hand_in, self._judge_well = hand_in, judge_well
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._act)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _act(self) -> None:
        while not self._ended.wait(0.02):
            if agent := self._engine.claim("actors"):
                self._engine.run(agent)
                self._hand_in_or_judge(agent)
                self._finish(agent)
            self._check()
            for job in changes.due_deliveries(self._engine.db):
                changes.record_delivery(
                    self._engine.db, job, status="delivered", reason=None, commit="d"
                )

    def _check(self) -> None:
        database = self._engine.db
        for due in result_checks.due_checks(database, "actors"):
            result_checks.record_checks(database, due.id, [], commit=due.commit, proof=due.proof)
        for due in due_checks(database, "actors"):
            work_checks.record_checks(database, due.id, [])

    def _hand_in_or_judge(self, agent: AgentView) -> None:
        database = self._engine.db
        if get_task(database, agent.task_id).kind == "result_review":
            results.judge(database, agent.id, passed=self._judge_well, feedback="looked at it")
        elif self._hand_in or get_workflow(database, agent.workflow_id).config["has_result"]:
            results.submit(database, agent.id, explanation="It may be merged")

    def _finish(self, agent: AgentView) -> None:
        try:
            self._engine.finish(agent)
        except HephaestusError:
            self._engine.end(agent)


@pytest.fixture
def actors(web: WebServer) -> Iterator[None]:
    with Actors(web):
        yield


@pytest.fixture
def environment(api_url: str, token: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
    return inherited | {
        "HEPHAESTUS_URL": api_url,
        "HEPHAESTUS_TOKEN": token,
        "HEPHAESTUS_MAIN_REPO_PATH": "https://a.example/r",
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.usefixtures("actors")
@pytest.mark.parametrize(
    ("script", "arguments", "says"),
    [
        ("automation", ["Build a boat"], "Build a boat: done"),
        ("ci_review", ["PR #123"], "✓ Review passed\nIt may be merged"),
        ("research", [], "sonnet: 1 tasks in"),
        ("launch_and_follow", ["Totals", "are wrong"], "result accepted"),
    ],
)
def test_an_example_runs_to_its_end(
    script: str, arguments: list[str], says: str, environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / f"{script}.py"), *arguments],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert says in done.stdout


def test_a_gate_on_an_unusable_checkout_ends_with_2(
    environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "ci_review.py")],
        env={**environment, "HEPHAESTUS_MAIN_REPO_PATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"✗ {tmp_path} is no git repository")


@pytest.mark.parametrize(
    ("hand_in", "judge_well", "says", "code"),
    [
        (True, True, "✓ Review passed\n", 0),
        (True, False, "", 1),
        (False, True, "", 1),
    ],
)
def test_the_ci_sample_of_the_specification_passes_only_with_an_accepted_result(
    web: WebServer,
    environment: dict[str, str],
    tmp_path: Path,
    *,
    hand_in: bool,
    judge_well: bool,
    says: str,
    code: int,
) -> None:
    with Actors(web, hand_in=hand_in, judge_well=judge_well):
        done = subprocess.run(
            [sys.executable, "-c", CI_SAMPLE],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.stdout, done.returncode) == (says, code), done.stderr


def test_the_example_of_production_takes_issues_as_they_come(
    environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "production.py")],
        env=environment,
        cwd=tmp_path,
        input="17\n18\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert [line[36:] for line in done.stdout.splitlines()] == [": issue 17", ": issue 18"]


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    "words", [("multi_workflow.py", "/srv/project"), ("run_hephaestus_dev.py", "--path", "shop")]
)
def test_an_example_of_several_workflows_ends_on_interrupt(
    words: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "examples" / words[0]), *words[1:]],
            env=environment,
            cwd=tmp_path,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until(lambda: b"Ctrl-C" in log.read_bytes(), what="the example is up")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
    assert "Shutting down" in log.read_text()
