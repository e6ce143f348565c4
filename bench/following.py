"""200 clients that follow events at once, while others send 50 requests a second.

The database sets an event's time before the commit, so the measured delay includes the commit.
"""

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import httpx

from bench import consumption
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import DEFINITION, Stack, running_stack
from bench.web_process import Client, client_at
from hephaestus_core.contract.home import HomeLayout

FOLLOWERS = 200
SECONDS = 20.0
REQUESTS_PER_SECOND = 50
#: One of this many requests creates a task, which is two events in one commit.
_CREATE_EVERY = 50
_SENDERS = 8
_GATHER_SECONDS = 30.0


def measure() -> dict[str, Row]:
    """Return the rows ``events_p95_ms``, ``events_lost``, ``web_errors`` and ``web_memory``."""
    with running_stack() as stack:
        stack.sdk.client.drain_host(stack.host)
        workflow_id = stack.sdk.start_workflow("bench", description="following")
        after = stack.sdk.client.events("latest").last_seq
        with _followers(stack, after) as seen:
            _wait_for_all(stack)
            sent = _send_for_a_while(stack, workflow_id)
            memory = consumption.memory(stack).pss["web"]
            stack.sdk.client.register(DEFINITION)
        events = stack.sdk.client.events(after, limit=500)
    return _rows(seen, sent, {event.seq for event in events.items}, memory)


def _wait_for_all(stack: Stack) -> None:
    """Wait until all followers wait for events."""
    headers = {"Authorization": f"Bearer {_token(stack)}"}
    waiting = f"hephaestus_clients_waiting {float(FOLLOWERS)}"
    deadline = time.monotonic() + _GATHER_SECONDS
    while waiting not in httpx.get(f"{stack.sdk.url}/metrics", headers=headers).text:
        if time.monotonic() > deadline:
            raise TimeoutError(f"not all of {FOLLOWERS} clients waited in {_GATHER_SECONDS:g} s")
        time.sleep(0.1)


def _rows(
    seen: list[dict[str, Any]], sent: "_Sent", events: set[int], memory: float
) -> dict[str, Row]:
    late = [seconds * 1000 for client in seen for seconds in client["seconds"]]
    lost = sum(len(events - set(client["seqs"])) for client in seen)
    errors = sent.errors + list(chain.from_iterable(client["errors"] for client in seen))
    figures = {
        "ms_p50": p50(late),
        "ms_p99": percentile(late, 99),
        "events": len(events),
        "followers": len(seen),
    }
    requests = {
        "requests": len(sent.seconds),
        "requests_per_second": len(sent.seconds) / sent.wall_seconds,
        "ms_p50": p50(sent.seconds) * 1000,
        "ms_p99": percentile(sent.seconds, 99) * 1000,
        "errors": errors[:20],
    }
    return {
        "events_p95_ms": Row(percentile(late, 95), "ms", Target(300), len(late), figures),
        "events_lost": Row(lost, "events", Target(0), len(late), figures),
        "web_errors": Row(len(errors), "errors", Target(0), len(sent.seconds), requests),
        "web_memory": Row(memory, "MiB", Target(300), 1, requests),
    }


@contextmanager
def _followers(stack: Stack, after: int) -> Iterator[list[dict[str, Any]]]:
    """Let all clients follow; the end of the block fills the list with their results."""
    seen: list[dict[str, Any]] = []
    command = [sys.executable, "-m", "bench.followers", str(_port(stack)), str(FOLLOWERS)]
    process = subprocess.Popen(
        [*command, str(after)],
        stdout=subprocess.PIPE,
        env={**os.environ, "HEPHAESTUS_TOKEN": _token(stack)},
    )
    try:
        yield seen
        said, _ = process.communicate(timeout=60)
        seen += json.loads(said)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@dataclass
class _Sent:
    """The results of the requests beside the followers."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    wall_seconds: float = 0.0


def _send_for_a_while(stack: Stack, workflow_id: str) -> _Sent:
    """Send requests at a steady rate: mostly reads of many kinds, sometimes a new task."""
    sent, local = _Sent(), threading.local()
    task_id = stack.sdk.create_task_in_workflow(workflow_id, "The task that is read.")
    paths = itertools.cycle(
        [f"/tasks/{task_id}", "/tasks?limit=50", "/queue", "/agents", f"/workflows/{workflow_id}"]
    )
    began = time.perf_counter()

    def send(number: int, path: str) -> None:
        time.sleep(max(0.0, began + number / REQUESTS_PER_SECOND - time.perf_counter()))
        if not hasattr(local, "client"):
            local.client = client_at(_port(stack), _token(stack))
        started = time.perf_counter()
        try:
            _request(local.client, number, path, workflow_id)
        except (OSError, RuntimeError) as error:
            sent.errors.append(str(error))
        sent.seconds.append(time.perf_counter() - started)

    with ThreadPoolExecutor(_SENDERS) as pool:
        for number in range(int(SECONDS * REQUESTS_PER_SECOND)):
            pool.submit(send, number, next(paths))
    sent.wall_seconds = time.perf_counter() - began
    return sent


def _request(client: Client, number: int, path: str, workflow_id: str) -> None:
    if number % _CREATE_EVERY:
        client.get(path)
        return
    task = {"workflow_id": workflow_id, "description": f"Task {number}", "phase_id": 1}
    client.send("POST", "/tasks", task)


def _port(stack: Stack) -> int:
    return int(urlsplit(stack.sdk.url).port or 80)


def _token(stack: Stack) -> str:
    return HomeLayout(stack.home).admin_token.read_text().strip()
