"""Faults of a stack: each with its injection and the check that the stack has recovered."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil
import redis

from tests.agent_processes import kill, programs
from tests.e2e.stack import Stack, tmux_server
from tests.waiting import wait_until

#: The most seconds that the stack may take to recover from a fault.
RECOVERY_SECONDS = 20.0
#: The same for a server that hangs: three probes in a row must fail before it is started again.
HANGING_SECONDS = 50.0

Recovered = Callable[[], bool]


@dataclass(frozen=True)
class Fault:
    """A named fault. ``strike`` injects it and returns the check for the recovery."""

    name: str
    strike: Callable[[Stack, random.Random], Recovered]
    seconds: float = RECOVERY_SECONDS
    """The most that the recovery may take."""

    def overcome(self, stack: Stack, rng: random.Random) -> float:
        """Inject the fault; return the seconds until the stack has recovered."""
        began = time.monotonic()
        recovered = self.strike(stack, rng)
        what = f"recovery from {self.name}"
        try:
            wait_until(lambda: _answer(recovered), timeout=self.seconds, what=what)
        except AssertionError as error:
            logs = "\n".join(stack.log(name)[-3000:] for name in ("supervisor", "worker", "web"))
            raise AssertionError(f"{error}\n{logs}") from None
        return time.monotonic() - began


def _answer(recovered: Recovered) -> bool:
    # The database itself may be down.
    with contextlib.suppress(Exception):
        return recovered()
    return False


def _kill(name: str, sign: "Callable[[Stack, datetime], bool]") -> Fault:
    """Return the fault that kills one of the stack's own processes."""
    return Fault(name, _signal(name, signal.SIGKILL, sign))


def _hang(name: str, sign: "Callable[[Stack, datetime], bool]") -> Fault:
    """Return the fault that freezes one of the stack's servers: it answers nobody."""
    return Fault(f"hanging {name}", _signal(name, signal.SIGSTOP, sign), HANGING_SECONDS)


def _signal(
    name: str, number: int, sign: "Callable[[Stack, datetime], bool]"
) -> Callable[[Stack, random.Random], Recovered]:
    def strike(stack: Stack, _rng: random.Random) -> Recovered:
        struck = wait_until(lambda: stack.pid(name), what=f"{name} runs")
        moment = datetime.now(UTC)
        os.kill(struck, number)
        return lambda: stack.is_back(name, struck) and sign(stack, moment)

    return strike


def _claimed_since(stack: Stack, moment: datetime) -> bool:
    """Return whether a task was claimed since, or none waits any more."""
    claimed = _count(
        stack,
        "SELECT count(*) FROM events WHERE at > :moment AND type = 'task.status_changed' "
        "AND data->>'to' = 'assigned'",
        moment,
    )
    return claimed > 0 or not _count(
        stack, "SELECT count(*) FROM tasks WHERE status IN ('pending', 'queued')", moment
    )


def _moved_since(stack: Stack, moment: datetime) -> bool:
    """Return whether the API answers and a task has changed its status, or all are over."""
    health = stack.sdk.is_healthy()
    moved = _count(
        stack,
        "SELECT count(*) FROM events WHERE at > :moment AND type = 'task.status_changed'",
        moment,
    )
    live = "SELECT count(*) FROM tasks WHERE status NOT IN ('done', 'failed')"
    return health["overall"] and (moved > 0 or not _count(stack, live, moment))


def _count(stack: Stack, query: str, moment: datetime) -> int:
    return int(stack.one(query, moment=moment))


def _moved_since_recovery(stack: Stack, moment: datetime) -> bool:
    """Return whether PostgreSQL has recovered since, and a task has changed after that."""
    query = "SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
    recovered: datetime = stack.one(query)
    return recovered > moment and _moved_since(stack, recovered)


def _kill_backend(stack: Stack, rng: random.Random) -> Recovered:
    """Kill one connection's server process; PostgreSQL then restarts all of its processes."""
    query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
    pids = wait_until(lambda: [row["pid"] for row in stack.rows(query)], what="clients")
    moment = datetime.now(UTC)
    os.kill(rng.choice(pids), signal.SIGKILL)
    return lambda: _moved_since_recovery(stack, moment)


def _flush(stack: Stack, _rng: random.Random) -> Recovered:
    moment = datetime.now(UTC)
    with contextlib.closing(redis.Redis.from_url(stack.recorded["redis_url"])) as client:
        client.flushall()
    return lambda: _claimed_since(stack, moment)


def _kill_beat(stack: Stack, rng: random.Random) -> Recovered:
    """Kill beat and an agent: only beat's sweep detects the dead agent."""
    killed = stack.pid("beat")
    os.kill(killed, signal.SIGKILL)
    recovered = _kill_agent(stack, rng)
    return lambda: stack.is_back("beat", killed) and recovered()


def _kill_agent(stack: Stack, rng: random.Random) -> Recovered:
    """Kill all processes of an agent at once, so that none can record its exit status."""
    agent, processes = _some_agent(stack, rng)
    kill(processes)
    return lambda: _went_on(stack, [agent])


def _kill_program(stack: Stack, rng: random.Random) -> Recovered:
    agent, processes = _some_agent(stack, rng)
    kill(programs(processes))
    return lambda: _went_on(stack, [agent])


def _kill_tmux(stack: Stack, rng: random.Random) -> Recovered:
    _some_agent(stack, rng)
    agents = list(stack.live_marks())
    server = wait_until(lambda: tmux_server(stack.home), what="a tmux server runs")
    os.kill(server, signal.SIGKILL)
    return lambda: _went_on(stack, agents)


def _some_agent(stack: Stack, rng: random.Random) -> tuple[str, list[psutil.Process]]:
    """Return a working agent with its processes; some work must be left."""
    query = "SELECT id::text FROM agents WHERE status = 'working' AND ended_at IS NULL"

    def choose() -> tuple[str, list[psutil.Process]] | None:
        working = {row["id"] for row in stack.rows(query)}
        marks = sorted((a, p) for a, p in stack.live_marks().items() if a in working)
        return rng.choice(marks) if marks else None

    return wait_until(choose, timeout=20, what="an agent works")


def _went_on(stack: Stack, agents: list[str]) -> bool:
    """Return whether these agents' tasks are done or have a newer attempt at work."""
    waiting = stack.one(
        "SELECT count(*) FROM agents a JOIN tasks t ON t.id = a.task_id "
        "LEFT JOIN agents newest ON newest.id = t.agent_id "
        "WHERE a.id = ANY(CAST(:agents AS uuid[])) AND t.status <> 'done' "
        "AND NOT coalesce(newest.attempt > a.attempt AND newest.status <> 'starting', false)",
        agents=agents,
    )
    return not waiting


WORKER = _kill("worker", _claimed_since)
WEB = _kill("web", _moved_since)
BEAT = Fault("beat", _kill_beat)
POSTGRES = _kill("postgres", _moved_since_recovery)
BACKEND = Fault("postgres backend", _kill_backend)
VALKEY = _kill("valkey", _claimed_since)
HANGING_POSTGRES = _hang("postgres", _moved_since_recovery)
HANGING_VALKEY = _hang("valkey", _claimed_since)
FLUSH = Fault("FLUSHALL", _flush)
TMUX = Fault("tmux server", _kill_tmux)
AGENT = Fault("agent", _kill_agent)
PROGRAM = Fault("agent program", _kill_program)
ALL = (
    WORKER,
    WEB,
    BEAT,
    POSTGRES,
    BACKEND,
    HANGING_POSTGRES,
    VALKEY,
    HANGING_VALKEY,
    FLUSH,
    TMUX,
    AGENT,
    PROGRAM,
)
