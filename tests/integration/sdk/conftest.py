"""Somebody to play hosts and agents behind the web process."""

import signal
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import pytest
from click.testing import CliRunner

from hephaestus_sdk import HephaestusSDK, Phase, WorkflowConfig
from hephaestus_sdk.cli.main import PLACES
from hephaestus_sdk.runtime import ports, stack
from tests.engine import Engine
from tests.integration.sdk.commands import Invoke
from tests.made_home import copy_made_home
from tests.web_server import ADMIN, WebServer

PHASES = [
    Phase(id=1, name="recon", description="Look around", done_definitions=["Seen"]),
    Phase(id=2, name="report", description="Write it down"),
]


@pytest.fixture
def api_url(web: WebServer) -> str:
    """Where the API answers."""
    return web.url


@pytest.fixture
def token() -> str:
    """The administrator's token."""
    return ADMIN


class Players:
    """Plays hosts and agents on the tasks of one workflow, straight on the database."""

    def __init__(self, web: WebServer) -> None:
        self._engine = Engine(web.database).with_host("a", slots=1000)

    def of(self, workflow_id: str | None) -> Engine:
        assert workflow_id is not None
        self._engine.workflow_id = UUID(workflow_id)
        return self._engine

    def finish(self, workflow_id: str | None, tasks: int = 1) -> None:
        engine = self.of(workflow_id)
        for _ in range(tasks):
            engine.finish(engine.run(engine.claimed()))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let children take SIGINT and SIGHUP: background jobs and nohup make them ignored."""
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGHUP, hang_up)


@pytest.fixture
def players(web: WebServer) -> Players:
    return Players(web)


@pytest.fixture
def sdk(api_url: str, token: str) -> Iterator[HephaestusSDK]:
    """A started SDK in single-workflow mode, with nothing left in the queue afterwards."""
    given = HephaestusSDK(
        phases=PHASES, main_repo_path="https://a.example/r", url=api_url, token=token
    )
    with given as started:
        yield started
        _stop_all(started)


@pytest.fixture
def judged(api_url: str, token: str) -> Iterator[HephaestusSDK]:
    """The same, for a workflow that ends in a result."""
    given = HephaestusSDK(
        phases=PHASES,
        workflow_config=WorkflowConfig(has_result=True, on_result_found="stop_all"),
        main_repo_path="https://a.example/r",
        url=api_url,
        token=token,
    )
    with given as started:
        yield started
        _stop_all(started)


def _stop_all(sdk: HephaestusSDK) -> None:
    for workflow in sdk.list_workflows("active"):
        sdk.stop_workflow(workflow.id, "the test is over")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A git repository with one empty commit, as the specification asks for."""
    folder = tmp_path / "project"
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "commit", "-q", "--allow-empty", "-m", "Initial commit")
    return folder


def _git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Settings of a stack with a made home and ports of its own, which is gone afterwards."""
    home = tmp_path / "home"
    copy_made_home(home)
    yield {
        "home": str(home),
        "mcp_port": ports.choose(),
        "ui_port": ports.choose(),
        "default_cli_tool": "scripted",
    }
    stack.stop(home, graceful=False)


@pytest.fixture
def invoke(api_url: str, token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run a command; returns its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEPHAESTUS_TOKEN", token)

    def call(name: str, *arguments: str, typed: str | None = None) -> tuple[int, str]:
        command: click.Command = getattr(import_module(PLACES[name]), name.replace("-", "_"))
        result = CliRunner().invoke(command, [*arguments, "--url", api_url], input=typed)
        return result.exit_code, result.output

    return call
