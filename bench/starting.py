"""The time from the call that creates a task until its agent has read the whole prompt.

Each start is compared with its minimum: plain `git worktree add`, `tmux new-session`, and the same
program reading the same prompt.
"""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import consumption
from bench.raw_starts import PATIENCE, raw_ground, wait_acknowledged
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import Stack, running_stack
from hephaestus_core.contract.home import HomeLayout
from hephaestus_sdk import Event

SAMPLES = 20
#: A big repository, and the starts in it.
BIG_FILES = 50_000
_BIG_SAMPLES = 5
#: The pause between two starts, so that an agent's end does not disturb the next measurement.
_REST_SECONDS = 0.3


def measure() -> dict[str, Row]:
    """Return the rows ``start_seconds`` and ``start_ratio``."""
    ours: list[float] = []
    raw: list[float] = []
    with running_stack() as stack, raw_ground(stack) as ground:
        workflow_id = stack.sdk.start_workflow("bench", description="starts")
        _start(stack, workflow_id, 0)  # This makes the mirror and starts the tmux server.
        before = consumption.cpu_seconds(stack)
        for number in range(1, SAMPLES + 1):
            taken, agent = _start(stack, workflow_id, number)
            ours.append(taken)
            raw.append(ground.start(number, agent / "prompt.md"))
        cpu = consumption.growth(before, consumption.cpu_seconds(stack), per=SAMPLES / 1000)
    return _rows(ours, raw, {"cpu_ms_per_agent_from_start_to_release": cpu})


def measure_big() -> dict[str, Row]:
    """Return the row ``big_start_ratio``: a start, compared with `git worktree add` alone."""
    ours: list[float] = []
    raw: list[float] = []
    with running_stack(files=BIG_FILES) as stack, raw_ground(stack) as ground:
        workflow_id = stack.sdk.start_workflow("bench", description="starts")
        _start(stack, workflow_id, 0)
        for number in range(1, _BIG_SAMPLES + 1):
            ours.append(_start(stack, workflow_id, number)[0])
            raw.append(ground.add_worktree(number))
    figures = {"seconds": ours, "raw_seconds": raw, "raw_seconds_p50": p50(raw)}
    return {"big_start_ratio": Row(p50(ours) / p50(raw), "x", Target(1.5), len(ours), figures)}


def _rows(ours: list[float], raw: list[float], more: Mapping[str, Any]) -> dict[str, Row]:
    figures = {
        "seconds": ours,
        "seconds_p95": percentile(ours, 95),
        "raw_seconds": raw,
        "raw_seconds_p50": p50(raw),
        **more,
    }
    return {
        "start_seconds": Row(p50(ours), "s", Target(0.6), len(ours), figures),
        "start_ratio": Row(p50(ours) / p50(raw), "x", Target(2.0), len(ours), figures),
    }


def _start(stack: Stack, workflow_id: str, number: int) -> tuple[float, Path]:
    """Create a task; return the seconds to its agent's acknowledgement, and the agent's folder."""
    agents = HomeLayout(stack.home).agents
    before = set(agents.iterdir())
    description = f"Task {number}: nothing is to be changed; report that it is done."
    began = time.perf_counter()
    task_id = stack.sdk.create_task_in_workflow(workflow_id, description, 1)
    folder = wait_acknowledged(lambda: set(agents.iterdir()) - before)
    taken = time.perf_counter() - began
    _check_whole(folder, description)
    _wait_released(stack, workflow_id, task_id)
    return taken, folder


def _check_whole(folder: Path, description: str) -> None:
    prompt = (folder / "prompt.md").read_bytes()
    digest = hashlib.sha256(prompt).hexdigest().encode()
    if digest not in (folder / "pane.log").read_bytes() or description.encode() not in prompt:
        raise RuntimeError(f"The agent of {folder} did not get its whole prompt.")


def _wait_released(stack: Stack, workflow_id: str, task_id: str) -> None:
    """Wait until the task is over, so that it does not disturb the next measurement."""
    events = stack.sdk.events(workflow_id=workflow_id, timeout=PATIENCE)
    next(event for event in events if _is_release(event, task_id))
    time.sleep(_REST_SECONDS)


def _is_release(event: Event, task_id: str) -> bool:
    return event.type == "agent.released" and event.task_id == task_id
