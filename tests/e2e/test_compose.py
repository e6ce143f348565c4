"""The services of docker-compose.yml: its commands and environments, without the containers."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.runtime import ports
from tests.e2e.scripts import task, write
from tests.e2e.stack import DEFINITION, agents_in, assert_nothing_left, git, make_repository
from tests.servers import Postgres, Valkey
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
COMPOSED: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


class Services:
    """Starts services as compose does, on this machine's ports and folders."""

    def __init__(self, folder: Path, servers: dict[str, str]) -> None:
        self.folder = folder
        self.web_port, self.ui_port = (api := ports.choose()), ports.choose(taken=[api])
        self._servers = servers
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def home(self, name: str) -> Path:
        return self.folder / name

    def environment(self, name: str) -> dict[str, str]:
        given = {k: str(v) for k, v in COMPOSED[name]["environment"].items()}
        assert set(re.findall(r"\$\{(\w+)", " ".join(given.values()))) <= {
            "POSTGRES_PASSWORD",
            "QDRANT_API_KEY",
            "REDIS_PASSWORD",
            "ANTHROPIC_API_KEY",
            "HEPHAESTUS_LLM_MODEL",
            "HEPHAESTUS_LLM_PROVIDER",
        }
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.folder),
            **{k: v for k, v in given.items() if "$" not in v},
            # What nobody has set in .env is an empty text.
            **{k: "" for k, v in given.items() if v.endswith(":-}")},
            **self._servers,
            "HEPHAESTUS_HOME": str(self.home(name)),
            # Each container has its own address; here all services share one.
            "HEPHAESTUS_MCP_PORT": str(self.web_port),
            "HEPHAESTUS_UI_PORT": str(self.ui_port),
            "HEPHAESTUS_MCP_HOST": "127.0.0.1",
            "HEPHAESTUS_ADVERTISED_URL": f"http://127.0.0.1:{self.web_port}",
            "HEPHAESTUS_HOST_NAME": "composed",
            "HEPHAESTUS_DEFAULT_CLI_TOOL": "scripted",
        }

    def start(self, name: str) -> subprocess.Popen[bytes]:
        home = self.home(name)
        home.mkdir(mode=0o700, exist_ok=True)
        command = [word.replace("$$", "$") for word in COMPOSED[name]["command"]]
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=self.environment(name), stdout=log, stderr=log, cwd="/"
            )
        self.running[name] = process
        return process

    def stop(self, name: str) -> int:
        """Stop a service as compose does, with the same grace period."""
        process = self.running.pop(name)
        grace = COMPOSED[name].get("stop_grace_period", "10s")
        process.send_signal(signal.SIGTERM)
        return process.wait(float(grace.removesuffix("s")))


@pytest.fixture
def services(
    tmp_path: Path, postgres_server: Postgres, valkey_server: Valkey
) -> Iterator[Services]:
    database = postgres_server.create_database()
    servers = {
        # People write the URL without a driver.
        "HEPHAESTUS_DATABASE_URL": database.replace("+psycopg2", ""),
        "HEPHAESTUS_REDIS_URL": valkey_server.next_url(),
    }
    made = Services(tmp_path, servers)
    try:
        assert made.start("migrate").wait(60) == 0
        for name in ("web", "worker", "beat"):
            made.start(name)
        yield made
    finally:
        for name in list(made.running):
            with contextlib.suppress(subprocess.TimeoutExpired):
                made.stop(name)
    postgres_server.drop_database(database)


def test_the_composed_services_do_a_workflow_and_save_work_when_they_stop(
    services: Services, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{services.web_port}"
    wait_until(lambda: _answers(f"{url}/api/v1/ready"), timeout=30, what="web is ready")
    token = (services.home("web") / "secrets" / "admin.token").read_text().strip()
    repository = make_repository(tmp_path / "repository")
    with HephaestusSDK(workflow_definitions=[DEFINITION], url=url, token=token) as sdk:
        workflow = sdk.start_workflow(DEFINITION.id, main_repo_path=str(repository))
        text = task("Write.", write("done.txt", "done"), "done: written")
        sdk.create_task_in_workflow(workflow, text, phase_id=1)
        assert sdk.wait_for_completion(workflow, timeout=60).succeeded
        assert git(repository, "show", "main:done.txt") == "done"

        text = task("Write more.", write("half.txt", "half"), "sleep: 600")
        workflow = sdk.start_workflow(DEFINITION.id, main_repo_path=str(repository))
        open_task = sdk.create_task_in_workflow(workflow, text, phase_id=1)
        home = services.home("worker")
        wait_until(lambda: list(home.glob("host/worktrees/*/half.txt")), what="half is written")
        assert services.stop("worker") == 0
        assert agents_in(home) == {}
        wait_until(lambda: sdk.get_task(open_task).status == "queued", what="it waits for a worker")
    branches = git(repository, "branch", "--list", "hephaestus/task/*").split()
    assert any(git(repository, "show", f"{b}:half.txt") == "half" for b in branches)
    for name in ("beat", "web"):
        services.stop(name)
    for name in COMPOSED:
        if services.home(name).exists():
            assert_nothing_left(services.home(name))


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url).status_code == 200
    return False
