"""Fixtures: a tmux server of the test's own, and agents that are gone when the test is."""

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.contract.home import session_name
from hephaestus_worker.agent_programs.base import AgentProgram, Failure, Launch
from hephaestus_worker.agents import launcher
from hephaestus_worker.agents.conversations import move
from hephaestus_worker.terminal import enclosures
from hephaestus_worker.terminal.enclosures import Enclosure
from hephaestus_worker.terminal.environment import base_environment
from hephaestus_worker.terminal.process_tree import end_tree
from hephaestus_worker.terminal.tmux import Tmux
from tests.integration.agents.tool_server import ToolServer, running_tool_server
from tests.waiting import wait_until


@dataclass(frozen=True)
class Agent:
    """One started agent, and what tests ask about it."""

    launch: Launch
    program: AgentProgram
    tmux: Tmux
    made: list["Agent"]
    """All agents of the test."""
    enclosure: Enclosure

    @property
    def session(self) -> str:
        return session_name(self.launch.agent_id)

    @property
    def log(self) -> str:
        path = self.launch.folder / "pane.log"
        return path.read_text(errors="replace").replace("\r\n", "\n")

    def screen(self) -> str:
        return self.tmux.capture(self.session, 0)

    def start(self) -> None:
        launcher.start(self.launch, self.program, self.tmux, self.enclosure)

    def resume(self, message: str) -> "Agent":
        """Start another agent that goes on with the conversation of this one, which has ended."""
        agent_id = str(uuid.uuid4())
        folder = self.launch.folder.with_name(agent_id)
        move(self.launch.folder, folder)
        session = self.program.session_id(folder)
        changes = {"agent_id": agent_id, "folder": folder, "prompt": message}
        agent = replace(self, launch=replace(self.launch, **changes, resume_session=session))
        self.made.append(agent)
        agent.start()
        return agent

    def deliver(self, text: str) -> bool | None:
        return self.program.deliver(self.tmux, self.session, text, folder=self.launch.folder)

    def stop(self, grace: float = 2.0) -> None:
        launcher.stop(self.launch.agent_id, self.tmux, grace=grace)

    def wait_for_log(self, text: str, timeout: float = 10.0) -> None:
        wait_until(lambda: text in self.log, timeout=timeout, what=f"{text!r} in the pane's log")

    def wait_idle(self, timeout: float = 10.0) -> None:
        wait_until(
            lambda: self.program.is_idle(self.screen()), timeout=timeout, what="an idle agent"
        )

    def failure(self) -> Failure | None:
        folder = self.launch.folder
        status = launcher.exit_status(folder)
        return self.program.diagnose(self.screen(), status, folder=folder)

    def exit_status(self) -> int:
        wait_until(
            lambda: launcher.exit_status(self.launch.folder) is not None, what="an exit status"
        )
        status = launcher.exit_status(self.launch.folder)
        assert status is not None
        return status


@pytest.fixture
def tmux() -> Iterator[Tmux]:
    server = Tmux(f"hephaestus-test-{uuid.uuid4().hex[:12]}")
    yield server
    server.kill_server()
    socket = Path(os.environ.get("TMUX_TMPDIR", "/tmp"), f"tmux-{os.getuid()}", server.socket_name)
    socket.unlink(missing_ok=True)


@pytest.fixture
def tools() -> Iterator[ToolServer]:
    with running_tool_server(token=f"attempt-{uuid.uuid4().hex}") as server:
        yield server


MakeAgent = Callable[..., Agent]


@pytest.fixture
def enclosure() -> Enclosure:
    """The enclosure of the agents: that of this machine."""
    return enclosures.probed()


@pytest.fixture
def make_agent(tmp_path: Path, tmux: Tmux, enclosure: Enclosure) -> Iterator[MakeAgent]:
    """Return a function that makes a Launch of its own for each agent; nothing is started yet."""
    made: list[Agent] = []

    def make(program: AgentProgram, prompt: str, **changes: Any) -> Agent:
        agent_id = str(uuid.uuid4())
        worktree = tmp_path / f"worktree-{agent_id}"
        worktree.mkdir()
        launch = Launch(
            agent_id=agent_id,
            folder=tmp_path / "agents" / agent_id,
            worktree=worktree,
            working_directory=worktree,
            prompt=prompt,
            mcp_url="http://127.0.0.1:1/mcp",
            token="no-engine",
            environment=base_environment(),
            logins=tmp_path / "logins" if enclosure.holds_files else None,
        )
        made.append(Agent(replace(launch, **changes), program, tmux, made, enclosure))
        return made[-1]

    yield make
    for agent in made:
        end_tree(agent.launch.agent_id, grace=0.0)
