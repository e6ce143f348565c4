"""The example scripts, on the real API; hosts and agents are played."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hephaestus_core.changes import service as changes
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.results import service as results
from tests.engine import Engine
from tests.waiting import wait_until
from tests.web_server import WebServer

ROOT = Path(__file__).parents[3]


class Actors:
    """Takes every task that comes, in a thread: does it, hands in results, and judges them well."""

    def __init__(self, web: WebServer) -> None:
        self._engine = Engine(web.database).with_host("actors", slots=1000)
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
                self._hand_in_or_judge(agent.id)
                self._finish(agent)
            for job in changes.due_deliveries(self._engine.db):
                changes.record_delivery(
                    self._engine.db, job, status="delivered", reason=None, commit="d"
                )

    def _hand_in_or_judge(self, agent_id: object) -> None:
        for act in (
            lambda: results.judge(self._engine.db, agent_id, passed=True, feedback="sound"),  # type: ignore[arg-type]
            lambda: results.submit(self._engine.db, agent_id, explanation="It may be merged"),  # type: ignore[arg-type]
        ):
            try:
                act()
            except HephaestusError:
                continue  # not a review, or a workflow without a result
            return

    def _finish(self, agent: object) -> None:
        try:
            self._engine.finish(agent)  # type: ignore[arg-type]
        except HephaestusError:
            self._engine.end(agent)  # type: ignore[arg-type]


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
def test_the_example_of_several_workflows_ends_on_interrupt(
    environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "examples" / "multi_workflow.py"), "/srv/project"],
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
