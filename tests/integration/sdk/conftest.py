"""Somebody to play hosts and agents behind the web process."""

import signal
from collections.abc import Iterator
from uuid import UUID

import pytest

from hephaestus_sdk import HephaestusSDK, Phase, WorkflowConfig
from tests.engine import Engine
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
    """Let children take SIGINT: a shell makes what it runs in the background ignore it."""
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, inherited)


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
