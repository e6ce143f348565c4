"""Fixtures: each test runs once for each program, and leaves its outcome for the table."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hephaestus_worker.agent_programs.base import Promise
from tests.integration.agents.conformance.all_cases import CASES
from tests.integration.agents.conformance.cases import Case, Step
from tests.integration.agents.conformance.outcomes import record
from tests.integration.agents.conftest import Agent, MakeAgent
from tests.integration.agents.tool_server import ToolServer
from tests.model_server import Fault, ModelServer, turns
from tests.waiting import wait_until

# OpenCode takes five, and a minute on a machine that has much else to do.
START_SECONDS = 120.0


@dataclass(frozen=True)
class World:
    """One program, its model server and its tool server, and a user with an empty home."""

    case: Case
    model: ModelServer
    tools: ToolServer
    make_agent: MakeAgent
    home: Path

    def start(self, prompt: str, *steps: Step, refusal: Fault | None = None) -> Agent:
        """Start an agent that does the steps, or whose model refuses to answer."""
        planned = self.case.plan(self.model, prompt, steps)
        if refusal is not None:
            self.model.script = lambda _: refusal
        return self.start_unplanned(planned)

    def start_unplanned(self, prompt: str, **environment: str) -> Agent:
        """Start an agent that does what the model's script says by now."""
        agent = self.make_agent(
            self.case.program,
            prompt,
            mcp_url=self.tools.url,
            token=self.tools.token,
            model=self.case.model,
            environment={**self.case.environment(self.model, self.home), **environment},
        )
        subprocess.run(["git", "init", "-q"], cwd=agent.launch.worktree, check=True)
        agent.start()
        return agent

    def wait_for_words(self, agent: Agent, words: str) -> None:
        wait_until(
            lambda: words in agent.screen(), timeout=START_SECONDS, what=f"{words!r} on the screen"
        )

    def wait_until_told(self, agent: Agent, text: str) -> None:
        wait_until(
            lambda: self.case.was_told(self.model, agent, text),
            timeout=START_SECONDS,
            what=f"{text[:40]!r}… with the agent",
        )

    def keep_screen(self, agent: Agent, name: str) -> None:
        """Keep the screen for the unit tests, when asked to by HEPHAESTUS_RECORD_SCREENS."""
        if folder := os.environ.get("HEPHAESTUS_RECORD_SCREENS"):
            Path(folder, f"{self.case.name}_{name}.txt").write_text(agent.screen())


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer(turns("Finished.")) as server:
        yield server


@pytest.fixture
def world(
    case: Case, model: ModelServer, tools: ToolServer, make_agent: MakeAgent, tmp_path: Path
) -> World:
    # Agents are made last, so that they are gone before the servers are.
    home = tmp_path / "home"
    home.mkdir()
    return World(case, model, tools, make_agent, home)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    report: pytest.TestReport = yield  # type: ignore[misc]
    marker = item.get_closest_marker("promise")
    if marker and isinstance(item, pytest.Function) and (call.when == "call" or not report.passed):
        promise: Promise = marker.args[0]
        record(item.callspec.params["case"], promise, report.outcome)
    return report  # type: ignore[return-value]
