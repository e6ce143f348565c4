"""The number of tasks per second that 8 clients can create over HTTP, each answered as queued."""

import http.client
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from bench import consumption
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import Stack, running_stack
from hephaestus_core.contract.home import HomeLayout

CLIENTS = 8
ROUNDS = 6
_TASKS_PER_CLIENT = 50
_MEASURED = ROUNDS * CLIENTS * _TASKS_PER_CLIENT


def measure() -> dict[str, Row]:
    """Return the row ``accepted_per_second``."""
    rates, raw = _accepted()
    target = Target(150, at_least=True)
    return {"accepted_per_second": Row(p50(rates), "tasks/s", target, _MEASURED, raw)}


def measure_compared() -> dict[str, Row]:
    """Return the row ``accepted_with_duplicates_ratio``: the rates with the look on ÷ off."""
    off, _ = _accepted(task_deduplication_enabled=False)
    on, raw = _accepted()
    value = p50(on) / p50(off)
    return {
        "accepted_with_duplicates_ratio": Row(
            value, "x", Target(0.8, at_least=True), 2 * _MEASURED, {"on": on, "off": off, **raw}
        )
    }


def _accepted(**settings: Any) -> tuple[list[float], dict[str, Any]]:
    """Return the tasks per second of each round, and the data behind them."""
    with running_stack(tasks_per_workflow=100_000, **settings) as stack:
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
    return rates, {
        "rates": rates,
        "answer_seconds_p50": p50(answers),
        "answer_seconds_p99": percentile(answers, 99),
        "cpu_ms_per_task": consumption.growth(before, after, per=len(answers) / 1000),
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
