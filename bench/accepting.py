"""The number of tasks per second that 8 clients can create over HTTP, each answered as queued."""

import http.client
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlsplit

from bench import consumption
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import Stack, running_stack
from hephaestus_core.contract.home import HomeLayout

CLIENTS = 8
ROUNDS = 6
_TASKS_PER_CLIENT = 50


def measure() -> dict[str, Row]:
    """Return the row ``accepted_per_second``."""
    with running_stack() as stack:
        stack.sdk.client.drain_host(stack.host)
        workflow_id = stack.sdk.start_workflow("bench", description="accepting")
        with ThreadPoolExecutor(CLIENTS) as pool:
            _round(pool, stack, workflow_id)
            before = consumption.cpu_seconds(stack)
            rounds = [_round(pool, stack, workflow_id) for _ in range(ROUNDS)]
        after = consumption.cpu_seconds(stack)
        _check_queued(stack, (ROUNDS + 1) * CLIENTS * _TASKS_PER_CLIENT)
    rates = [len(seconds) / wall for wall, seconds in rounds]
    answers = list(chain.from_iterable(seconds for _, seconds in rounds))
    raw = {
        "rates": rates,
        "answer_seconds_p50": p50(answers),
        "answer_seconds_p99": percentile(answers, 99),
        "cpu_ms_per_task": consumption.growth(before, after, per=len(answers) / 1000),
    }
    return {
        "accepted_per_second": Row(
            p50(rates), "tasks/s", Target(150, at_least=True), len(answers), raw
        )
    }


def _round(pool: ThreadPoolExecutor, stack: Stack, workflow_id: str) -> tuple[float, list[float]]:
    """Let all clients create tasks at once; return the wall time and the time of each answer."""
    token = HomeLayout(stack.home).admin_token.read_text().strip()
    clients = [_Client(stack.sdk.url, token, workflow_id) for _ in range(CLIENTS)]
    began = time.perf_counter()
    answers = list(pool.map(_Client.create_all, clients))
    return time.perf_counter() - began, list(chain.from_iterable(answers))


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
        for number in range(_TASKS_PER_CLIENT):
            began = time.perf_counter()
            self._create(connection, number)
            taken.append(time.perf_counter() - began)
        connection.close()
        return taken

    def _create(self, connection: http.client.HTTPConnection, number: int) -> None:
        task = {
            "workflow_id": self.workflow_id,
            "description": f"Task {number} of a client",
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
