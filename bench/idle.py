"""Memory and processor time of a whole stack that has worked and now has nothing to do."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil

from bench.rows import Row, Target
from bench.surroundings import Stack, running_stack
from hephaestus_worker.host.machine import tmux_socket

SECONDS = 30.0
#: After the work: what follows it is over, and periodic passes have found nothing.
_SETTLE_SECONDS = 10.0
_TASKS = 6
_MIB = 2**20


def measure() -> dict[str, Row]:
    """Return the rows ``idle_memory`` and ``idle_cpu``."""
    with running_stack() as stack:
        _work(stack)
        time.sleep(_SETTLE_SECONDS)
        before, began = _cpu_seconds(stack), time.monotonic()
        time.sleep(SECONDS)
        after, taken = _cpu_seconds(stack), time.monotonic() - began
        memory = _memory_row(stack)
    percent = {
        name: 100 * (seconds - before.get(name, 0.0)) / taken for name, seconds in after.items()
    }
    cpu = Row(sum(percent.values()), "% of a core", Target(3.0), 1, {"percent": percent})
    return {"idle_memory": memory, "idle_cpu": cpu}


def _work(stack: Stack) -> None:
    """Run some agents to their end, so that everything that is loaded on first use is."""
    workflow_id = stack.sdk.start_workflow("bench", description="before idling")
    for number in range(_TASKS):
        stack.sdk.create_task_in_workflow(workflow_id, f"Task {number}: report done.", 1)
    stack.sdk.wait_for_completion(workflow_id, timeout=60)


def _memory_row(stack: Stack) -> Row:
    """Count pages that processes share once: PSS divides each among those that map it."""
    pss: dict[str, float] = {}
    rss = 0.0
    for process, name in _processes(stack):
        with suppress(psutil.Error):
            memory = process.memory_full_info()
            pss[name] = pss.get(name, 0.0) + memory.pss / _MIB
            rss += memory.rss / _MIB
    raw = {"pss_mib": pss, "rss_sum_mib": rss}
    return Row(sum(pss.values()), "MiB", Target(500), 1, raw)


def _cpu_seconds(stack: Stack) -> dict[str, float]:
    """Return processor time by name, of processes that have ended meanwhile too."""
    seconds: dict[str, float] = {}
    for process, name in _processes(stack):
        with suppress(psutil.Error):
            # Without children_…, commands that live for milliseconds would not be seen at all.
            seconds[name] = seconds.get(name, 0.0) + sum(process.cpu_times()[:4])
    return seconds


def _processes(stack: Stack) -> Iterator[tuple[psutil.Process, str]]:
    """Yield every process of the stack: all that live below its supervisor, and tmux."""
    known = json.loads((stack.home / "run" / "stack.json").read_text())
    names = {entry["pid"]: name for name, entry in known["processes"].items()}
    supervisor = psutil.Process(known["pid"])
    yield supervisor, "supervisor"
    for child in supervisor.children():
        for process in (child, *child.children(recursive=True)):
            yield process, names[child.pid]
    socket = tmux_socket(stack.home)
    for process in psutil.process_iter(["cmdline"]):
        if socket in (process.info["cmdline"] or ()):
            yield process, "tmux"
