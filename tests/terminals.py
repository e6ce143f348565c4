"""An agent whose terminal runs what a test says: real tmux, the real log, the real stream."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.home import PANE_LOG, HomeLayout, session_name
from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_core.terminals import wire
from hephaestus_worker.agents.streaming import Streaming
from hephaestus_worker.broker import streams_of
from hephaestus_worker.host.machine import Machine, folders_of
from hephaestus_worker.terminal.tmux import Tmux
from tests.engine import Engine
from tests.waiting import wait_until


@dataclass(frozen=True)
class Pane:
    """The terminal of a live agent."""

    engine: Engine
    machine: Machine
    agent: AgentView
    streaming: Streaming

    @property
    def log(self) -> Path:
        return self.machine.folders.agent(self.agent.id) / PANE_LOG

    @property
    def session(self) -> str:
        return session_name(self.agent.id)

    def run(self, script: str) -> None:
        """Start a shell with a script in the terminal."""
        self.log.parent.mkdir(parents=True)
        self.machine.tmux.new_session(
            self.session, command=["sh", "-c", script], cwd=self.log.parent, log=self.log
        )
        wait_until(self.log.exists, what="the terminal has a log")

    def wait_for_log(self, text: bytes) -> None:
        wait_until(lambda: text in self.log.read_bytes(), timeout=60, what=f"it writes {text!r}")

    def end(self) -> None:
        """End the agent as its host does: the session first."""
        self.machine.tmux.kill_session(self.session)
        self.engine.end(self.agent)


@contextmanager
def pane(database: Database, redis_url: str, home: Path, host: str = "a") -> Iterator[Pane]:
    """Claim an agent on a host with this home; nothing is streamed until its thread is started."""
    engine = Engine(database).with_host(host, slots=100)
    engine.start_workflow()
    engine.create(f"A task of {home.name}", priority="critical")
    agent = engine.run(engine.claimed(host))
    settings = Settings(home=home, host_name=host)
    tmux = Tmux(HomeLayout(home).tmux_socket)
    machine = Machine(settings, database, tmux, folders_of(settings), send=lambda _: None)
    client = streams_of(redis_url)
    made = Pane(engine, machine, agent, Streaming(machine, client))
    try:
        yield made
    finally:
        machine.stopping.set()
        if made.streaming.is_alive():
            client.xadd(wire.orders_key(host), {"agent": "none"})  # it waits for an order
            made.streaming.join(10)
        tmux.kill_session(session_name(agent.id))
        if agent.ended_at is None:
            engine.end(agent)
        client.close()
