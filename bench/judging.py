"""Sweeps over 40 live agents: all their ways are judged by a model, at once and slowly, or none is.

The sessions are real; each shows a screen, shows more when it is told to, and stands still in
between. The model is a server on loopback, which takes its time for an answer.
"""

import gc
import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from bench.databases import new_database
from bench.rows import Row, Target, p50
from bench.surroundings import DEFINITION, running_stack
from hephaestus_core.agents import claims, hosting
from hephaestus_core.contract.home import PANE_LOG, HomeLayout, session_name
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions import service as definitions
from hephaestus_core.guardian.assessing import LONGEST_HISTORY
from hephaestus_core.hosts import service as hosts
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.settings.config import Settings
from hephaestus_worker.guardian.judging import judge_agents
from hephaestus_worker.guardian.observer import observe_agents
from hephaestus_worker.host.machine import Machine, folders_of
from hephaestus_worker.terminal.tmux import Tmux

AGENTS = 40
SECONDS = 3.0
_ANSWER: Final = {
    "alignment": 0.9,
    "stage": "implementation",
    "focus": "It does its task.",
    "progress": "Half of it is done.",
    "issues": [],
    "constraints": [],
    "lifted": [],
    "needs_steering": False,
    "steering_type": None,
    "steering_text": "",
    "evidence": "",
}
#: Shows what an agent might, and then what it is given.
_PROGRAM: Final = (
    'i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo "[step] edit the export, part $i of 150";'
    ' done; exec cat <>"$0"'
)
_PIPE: Final = "pipe"
#: Sweeps after which each agent has the longest history that rules judge.
_LONG: Final = LONGEST_HISTORY


@dataclass
class Model:
    """A server that takes its time; it counts what it was sent."""

    port: int = 0
    seconds: float = SECONDS
    """For an answer."""
    calls: int = 0
    bytes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, size: int) -> None:
        """Count one call."""
        with self.lock:
            self.calls += 1
            self.bytes += size


class CountingTmux(Tmux):
    """Counts the bytes of the screens that are read."""

    read = 0

    def screens(self, names: Sequence[str], lines: int = 0) -> dict[str, str]:
        """Return the screens."""
        found = super().screens(names, lines)
        self.read += sum(len(screen.encode()) for screen in found.values())
        return found

    def capture(self, name: str, lines: int = 200, *, colours: bool = False) -> str:
        """Return the screen."""
        screen = super().capture(name, lines, colours=colours)
        self.read += len(screen.encode())
        return screen


def measure() -> dict[str, Row]:
    """Return the rows about sweeps with a slow model, with one that answers at once, and without.

    ``swept_at_once_seconds`` is measured with the longest history of looks at each agent, so that
    all rules are asked about all of it.
    """
    with (
        running_stack() as stack,
        new_database(stack, "judging") as (_, url),
        closing(Database(url, connections=7)) as db,  # as many as a worker has
        _model() as model,
        _host(db, stack.home.parent / "judged", model) as machine,
    ):
        _start_agents(machine)
        seconds = _sweep(machine)
        judged = model.calls
        sent, read = model.bytes, _bytes_read(machine)
        _let_time_pass(machine)
        quiet = _sweep(machine)
        calls, more = model.calls - judged, _bytes_read(machine) - read + model.bytes - sent
        at_once = _at_once(machine, model)
    if judged != AGENTS:
        raise RuntimeError(f"{judged} of {AGENTS} agents were judged.")
    raw = {"bytes_sent": sent, "bytes_read": read}
    return {
        "judged_sweep_seconds": Row(seconds, "s", Target(8), AGENTS, raw),
        "quiet_sweep_calls": Row(calls, "calls", Target(0), AGENTS, {"seconds": quiet}),
        "quiet_sweep_bytes": Row(more, "bytes", Target(0), AGENTS),
        "swept_at_once_seconds": Row(p50(at_once), "s", Target(0.5), AGENTS, {"seconds": at_once}),
    }


def _sweep(machine: Machine) -> float:
    began = time.perf_counter()
    observe_agents(machine)
    judge_agents(machine)
    return time.perf_counter() - began


def _at_once(machine: Machine, model: Model) -> list[float]:
    """Return the seconds of sweeps after which a model has answered at once about all agents."""
    for _ in range(_LONG):
        observe_agents(machine)
    model.seconds = 0.0
    taken = []
    for number in range(3):
        _let_time_pass(machine)
        _show(machine, f"[step] mend the export, try {number}")
        before = model.calls
        taken.append(_sweep(machine))
        if model.calls - before != AGENTS:
            raise RuntimeError(f"{model.calls - before} of {AGENTS} agents were judged at once.")
    return taken


def _show(machine: Machine, line: str) -> None:
    """Have each agent show one line more."""
    agents = hosting.agents_of(machine.db, machine.name)
    for agent in agents:
        (machine.folders.agent(agent.id) / _PIPE).write_text(f"{line}\n")
    _wait_for(machine, line)


def _bytes_read(machine: Machine) -> int:
    """Return the bytes read of screens and of files in which programs leave signs."""
    assert isinstance(machine.tmux, CountingTmux)
    return machine.tmux.read + sum(sum(each.read.values()) for each in machine.sights.values())


def _start_agents(machine: Machine) -> None:
    definitions.save_definition(machine.db, DEFINITION.to_dict())
    order = LaunchOrder(definition_id=DEFINITION.id, repository="/nowhere")
    workflow_id = lifecycle.start_workflow(machine.db, order).id
    hosts.register(machine.db, machine.name, slots=AGENTS, labels=[], lease_seconds=600)
    for number in range(AGENTS):
        description = f"Edit the export of table {number}, in 150 parts."
        intake.create_task(
            machine.db, TaskOrder(description=description, phase_id=1, workflow_id=workflow_id)
        )
        _start_agent(machine)
    _let_time_pass(machine)
    _wait_for(machine, "part 150 of 150")


def _start_agent(machine: Machine) -> None:
    agent = claims.claim_next(
        *(machine.db, machine.name),
        most_in_system=AGENTS,
        lease_seconds=600,
        defaults=claims.Defaults("scripted"),
    )
    if agent is None:
        raise RuntimeError("No task could be claimed.")
    hosting.record_prepared(
        machine.db, agent.id, fence=agent.fence, base_commit="base", token_hash=str(agent.id)
    )
    hosting.record_running(machine.db, agent.id, fence=agent.fence)
    folder = machine.folders.agent(agent.id)
    folder.mkdir(mode=0o700, parents=True)
    os.mkfifo(folder / _PIPE)
    machine.tmux.new_session(
        session_name(str(agent.id)),
        command=["sh", "-c", _PROGRAM, str(folder / _PIPE)],
        cwd=folder,
        log=folder / PANE_LOG,
    )


def _let_time_pass(machine: Machine) -> None:
    """Make starts and judgements older, so that no pause keeps an agent from being judged."""
    with machine.db.transaction() as session:
        for table, column in (("agents", "running_at"), ("trajectory_summaries", "asked_at")):
            moved = f"UPDATE {table} SET {column} = {column} - interval '10 minutes'"
            session.execute(text(moved))


def _wait_for(machine: Machine, line: str) -> None:
    """Wait until every agent has shown a line."""
    deadline = time.monotonic() + 60
    for agent in hosting.agents_of(machine.db, machine.name):
        while not _is_shown(machine, agent.id, line):
            if time.monotonic() > deadline:
                raise RuntimeError(f"Agent {agent.id} has not shown its screen.")
            time.sleep(0.05)


def _is_shown(machine: Machine, agent_id: UUID, line: str) -> bool:
    log = machine.folders.agent(agent_id) / PANE_LOG
    return log.exists() and line.encode() in log.read_bytes()


@contextmanager
def _host(db: Database, home: Path, model: Model) -> Iterator[Machine]:
    known = {"api": "anthropic", "base_url": f"http://127.0.0.1:{model.port}"}
    settings = Settings(
        home=home,
        host_name="judged",
        llm_provider="loopback",
        llm_model="m",
        llm_providers={"loopback": known},
    )
    tmux = CountingTmux(HomeLayout(home).tmux_socket)
    machine = Machine(
        settings=settings,
        db=db,
        tmux=tmux,
        folders=folders_of(settings),
        send=lambda _: None,
    )
    # As a worker does at its start.
    machine.llm.prepare()
    gc.collect()
    gc.freeze()
    try:
        yield machine
    finally:
        tmux.kill_server()


@contextmanager
def _model() -> Iterator[Model]:
    model = Model()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            self.rfile.read(size)
            model.count(size)
            time.sleep(model.seconds)
            body = json.dumps(_message()).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as above
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        # The default of 5 resets some of the connections that a sweep opens at once.
        request_queue_size = AGENTS

    server = Server(("127.0.0.1", 0), Handler)
    model.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()


def _message() -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": json.dumps(_ANSWER)}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 100, "output_tokens": 50},
    }
