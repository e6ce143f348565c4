"""A host with its database, its tmux server and a user's repository, driven step by step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from hephaestus_core import tables  # noqa: F401 - makes all tables known
from hephaestus_core.agents import hosting
from hephaestus_core.agents import service as agents
from hephaestus_core.agents.views import AgentView
from hephaestus_core.bells import Bell
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.settings.config import Settings
from hephaestus_worker.agent_programs import PROGRAMS
from hephaestus_worker.agent_programs.base import AgentProgram
from hephaestus_worker.agents.sessions import look, session_of
from hephaestus_worker.host.machine import Machine, folders_of
from hephaestus_worker.terminal.process_tree import processes_of
from hephaestus_worker.terminal.tmux import Tmux
from tests.agent_processes import kill
from tests.engine import Engine
from tests.integration.git.making import Repo
from tests.integration.host.worker_processes import Workers
from tests.waiting import wait_until


@dataclass
class Host:
    """The host `a`, whose worker may be killed and started again at any point."""

    settings: Settings
    engine: Engine
    origin: Repo
    rung: list[Bell]
    programs: Mapping[str, AgentProgram] = field(default_factory=lambda: PROGRAMS)

    def worker(self) -> Machine:
        """Return the state of a new worker process, which knows only stored data."""
        return Machine(
            settings=self.settings,
            db=self.engine.db,
            tmux=Tmux(HomeLayout(self.settings.home).tmux_socket),
            folders=folders_of(self.settings),
            send=self.rung.append,
            programs=self.programs,
        )

    def claim(self, *steps: str) -> AgentView:
        """Create a task whose agent plays these steps, claim it for this host, return the agent."""
        script = "".join(f"- {step}\n" for step in steps)
        self.engine.create(f"A task.\n\n```script\n{script}```\n")
        return self.engine.claimed()

    def agent(self, agent_id: UUID) -> AgentView:
        return agents.get_agent(self.engine.db, agent_id)

    def worktree(self, agent_id: UUID) -> Path:
        return self.worker().folders.worktree(self.agent(agent_id).worktree_id)

    def wait_for_file(self, agent_id: UUID, name: str) -> None:
        file = self.worktree(agent_id) / name
        wait_until(file.exists, timeout=20, what=f"the agent has written {name}")

    def kill_agent(self, agent_id: UUID) -> None:
        """Kill all of an agent's processes, and wait until tmux knows."""
        kill(processes_of(str(agent_id)))
        worker = self.worker()
        gone = lambda: session_of(agent_id, look(worker)) == "gone"  # noqa: E731
        wait_until(gone, what="tmux sees that the agent is dead")

    def assert_released(self, agent_id: UUID) -> None:
        """Check that the agent has left nothing on this host."""
        assert hosting.agents_of(self.engine.db, "a") == []
        assert processes_of(str(agent_id)) == []
        assert self.worker().tmux.sessions() == {}
        assert list(self.worker().folders.worktrees.iterdir()) == []
        assert list(self.settings.home.glob("host/mirrors/*.git/worktrees/*")) == []


@pytest.fixture
def host(database_url: str, tmp_path: Path) -> Iterator[Host]:
    origin = Repo.make(tmp_path / "origin")
    origin.commit({"README.md": "A project.\n"})
    database = Database(database_url, connections=10)
    engine = Engine(database).with_host("a", slots=10)
    order = LaunchOrder(definition_id=engine.define(), repository=str(origin.path))
    engine.workflow_id = lifecycle.start_workflow(database, order).id
    settings = Settings(home=tmp_path / "home", host_name="a", database_url=database_url)
    made = Host(settings, engine, origin, [])
    yield made
    for agent in agents.list_agents(database):
        kill(processes_of(str(agent.id)))
    made.worker().tmux.kill_server()
    database.close()


@pytest.fixture
def workers(database_url: str, redis_url: str) -> Iterator[Workers]:
    made = Workers(database_url, redis_url)
    yield made
    for worker in made.all:
        worker.kill()
