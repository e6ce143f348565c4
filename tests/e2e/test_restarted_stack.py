"""Programs that create work while the whole stack is stopped and started again under them."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from hephaestus_core.contract.home import HomeLayout
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.runtime import ports
from tests.e2e.scripts import task
from tests.e2e.stack import DEFINITION, assert_nothing_left, make_repository
from tests.waiting import wait_until

#: Programs that create at once, so that some requests are under way when the stack goes.
CREATORS = 4


@dataclass(frozen=True)
class Commands:
    """The command line, on a stack of this test."""

    url: str
    environment: dict[str, str]

    def run(self, *words: str) -> None:
        argv = [sys.executable, "-m", "hephaestus_sdk.cli.main", *words]
        done = subprocess.run(
            argv, env=self.environment, capture_output=True, text=True, timeout=150, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def hephaestus(tmp_path: Path) -> Iterator[Commands]:
    """A stack that runs until the end of the test."""
    api = ports.choose()
    given = {
        "home": tmp_path / "home",
        "mcp_port": api,
        "ui_port": ports.choose(taken=[api]),
        "main_repo_path": make_repository(tmp_path / "repository"),
        "default_cli_tool": "scripted",
    }
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
    environment |= {f"HEPHAESTUS_{name.upper()}": str(value) for name, value in given.items()}

    commands = Commands(f"http://127.0.0.1:{api}", environment)
    commands.run("up")
    yield commands
    commands.run("down")  # Agents may be at work; without saving, their worktrees would stay.
    assert_nothing_left(tmp_path / "home")


def test_no_creation_fails_or_is_doubled_by_a_restart(hephaestus: Commands, tmp_path: Path) -> None:
    token = HomeLayout(tmp_path / "home").admin_token.read_text().strip()
    over = threading.Event()
    with HephaestusSDK(url=hephaestus.url, token=token, workflow_definitions=[DEFINITION]) as sdk:
        workflow = sdk.start_workflow(DEFINITION.id)
        made: list[str] = []

        def create(number: int) -> None:
            while not over.wait(0.02):
                text = task(f"Task of {number}, after {len(made)}", "done: nothing to do")
                made.append(sdk.create_task_in_workflow(workflow, text))

        with ThreadPoolExecutor(CREATORS) as pool:
            creating = [pool.submit(create, number) for number in range(CREATORS)]
            try:
                wait_until(lambda: len(made) >= 2 * CREATORS, timeout=30, what="tasks are made")
                hephaestus.run("down")
                before = len(made)
                hephaestus.run("up")
                wait_until(
                    lambda: len(made) >= before + 2 * CREATORS,
                    timeout=60,
                    what="tasks are made again",
                )
            finally:
                over.set()
            for each in creating:
                each.result()
        stored = [each.id for each in sdk.get_tasks(workflow_id=workflow)]
        assert sorted(stored) == sorted(made)
