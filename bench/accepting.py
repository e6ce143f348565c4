"""The number of tasks per second that 8 clients can create over HTTP, each answered as queued."""

import http.client
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from bench import consumption
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import Stack, running_stack
from hephaestus_core.contract.home import HomeLayout

CLIENTS = 8
ROUNDS = 6
#: More than for a rate alone: a ratio of two rates varies more than either of them.
_COMPARED_ROUNDS = 12
_TASKS_PER_CLIENT = 50
_TASKS = CLIENTS * _TASKS_PER_CLIENT


def measure() -> dict[str, Row]:
    """Return the row ``accepted_per_second``."""
    with _accepting() as accepting:
        for _ in range(ROUNDS):
            accepting.add_round()
        value, raw = p50(accepting.rates), accepting.raw()
    target = Target(150, at_least=True)
    return {"accepted_per_second": Row(value, "tasks/s", target, ROUNDS * _TASKS, raw)}


def measure_compared() -> dict[str, Row]:
    """Return the row ``accepted_with_duplicates_ratio``: the rates with the look on ÷ off.

    Both stacks run, and take turns: one after the other, they would meet a machine that is faster
    in one minute than in the next.
    """
    with _accepting() as on, _accepting(task_deduplication_enabled=False) as off:
        for number in range(_COMPARED_ROUNDS):
            for accepting in (on, off) if number % 2 else (off, on):
                accepting.add_round()
        value = p50([one / other for one, other in zip(on.rates, off.rates, strict=True)])
        raw = {"on": on.raw(), "off": off.raw()}
    target, samples = Target(0.8, at_least=True), 2 * _COMPARED_ROUNDS * _TASKS
    return {"accepted_with_duplicates_ratio": Row(value, "x", target, samples, raw)}


@dataclass(frozen=True)
class _Round:
    """What one round of creations was like: seconds in all, to each answer, and of processors."""

    wall: float
    answers: list[float]
    cpu: Mapping[str, float]


@dataclass(frozen=True)
class _Accepting:
    """A stack that takes tasks and starts none."""

    stack: Stack
    pool: ThreadPoolExecutor
    workflow_id: str
    rounds: list[_Round] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        """The tasks per second of each round."""
        return [len(each.answers) / each.wall for each in self.rounds]

    def add_round(self) -> None:
        """Let all clients create tasks at once."""
        token = HomeLayout(self.stack.home).admin_token.read_text().strip()
        clients = [_Client(self.stack.sdk.url, token, self.workflow_id) for _ in range(CLIENTS)]
        before, began = consumption.cpu_seconds(self.stack), time.perf_counter()
        answers = list(chain.from_iterable(self.pool.map(_Client.create_all, clients)))
        wall = time.perf_counter() - began
        cpu = consumption.growth(before, consumption.cpu_seconds(self.stack), per=1)
        self.rounds.append(_Round(wall, answers, cpu))

    def raw(self) -> dict[str, Any]:
        """Return the data behind the rates."""
        answers = list(chain.from_iterable(each.answers for each in self.rounds))
        cpu = [each.cpu for each in self.rounds]
        return {
            "rates": self.rates,
            "answer_seconds_p50": p50(answers),
            "answer_seconds_p99": percentile(answers, 99),
            "cpu_ms_per_task": {
                name: 1000 * sum(each[name] for each in cpu) / len(answers) for name in cpu[0]
            },
        }


@contextmanager
def _accepting(**settings: Any) -> Iterator[_Accepting]:
    """Yield a stack that has taken its first tasks; at the end, check that all are queued."""
    with (
        running_stack(tasks_per_workflow=100_000, **settings) as stack,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        stack.sdk.client.drain_host(stack.host)
        workflow_id = stack.sdk.start_workflow("bench", description="accepting")
        _Accepting(stack, pool, workflow_id).add_round()
        accepting = _Accepting(stack, pool, workflow_id)
        yield accepting
        _check_queued(stack, (len(accepting.rounds) + 1) * _TASKS)


@dataclass(frozen=True)
class _Client:
    """A client with one connection. It is minimal because it shares the machine with the server."""

    url: str
    token: str
    workflow_id: str

    def create_all(self) -> list[float]:
        """Create tasks one after another; return the seconds to each answer."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
        taken = []
        for _ in range(_TASKS_PER_CLIENT):
            began = time.perf_counter()
            self._create(connection)
            taken.append(time.perf_counter() - began)
        connection.close()
        return taken

    def _create(self, connection: http.client.HTTPConnection) -> None:
        task = {
            "workflow_id": self.workflow_id,
            "description": f"Look at file {uuid.uuid4().hex}.py of the project",
            "phase_id": 1,
        }
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        connection.request("POST", "/api/v1/tasks", json.dumps(task), headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        if answer.status != 201 or body["status"] != "queued":
            raise RuntimeError(f"A task was not accepted: {answer.status} {body}")


def _check_queued(stack: Stack, expected: int) -> None:
    queued = stack.sdk.client.queue().queued
    if queued != expected:
        raise RuntimeError(f"{expected} tasks were accepted and {queued} are queued.")
