"""The time from the call that creates a task until its agent has read the whole prompt.

Each start is compared with its minimum: plain `git worktree add`, `tmux new-session`, and the same
program reading the same prompt.
"""

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import consumption
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import Stack, git, running_stack
from hephaestus_core.contract.home import HomeLayout
from hephaestus_sdk import Event
from hephaestus_worker import scripted_agent

SAMPLES = 20
_PATIENCE = 30.0
_LOOK_SECONDS = 0.001
#: The pause between two starts, so that an agent's end does not disturb the next measurement.
_REST_SECONDS = 0.3
_ACKNOWLEDGED = b"[ack] sha256="
_PROGRAM = Path(scripted_agent.__file__).with_name("__main__.py")
_RAW_SOCKET = "hephaestus-bench-raw"


def measure() -> dict[str, Row]:
    """Return the rows ``start_seconds`` and ``start_ratio``."""
    ours: list[float] = []
    raw: list[float] = []
    with running_stack() as stack, _raw_ground(stack) as ground:
        workflow_id = stack.sdk.start_workflow("bench", description="starts")
        _start(stack, workflow_id, 0)  # This makes the mirror and starts the tmux server.
        before = consumption.cpu_seconds(stack)
        for number in range(1, SAMPLES + 1):
            taken, agent = _start(stack, workflow_id, number)
            ours.append(taken)
            raw.append(ground.start(number, agent / "prompt.md"))
        cpu = consumption.growth(before, consumption.cpu_seconds(stack), per=SAMPLES / 1000)
    return _rows(ours, raw, {"cpu_ms_per_agent_from_start_to_release": cpu})


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
        "start_ratio": Row(p50(ours) / p50(raw), "x", Target(3.0), len(ours), figures),
    }


def _start(stack: Stack, workflow_id: str, number: int) -> tuple[float, Path]:
    """Create a task; return the seconds to its agent's acknowledgement, and the agent's folder."""
    agents = HomeLayout(stack.home).agents
    before = set(agents.iterdir())
    description = f"Task {number}: nothing is to be changed; report that it is done."
    began = time.perf_counter()
    task_id = stack.sdk.create_task_in_workflow(workflow_id, description, 1)
    log = _acknowledged(lambda: (a / "pane.log" for a in agents.iterdir() if a not in before))
    taken = time.perf_counter() - began
    _check_whole(log, description)
    _wait_released(stack, workflow_id, task_id)
    return taken, log.parent


def _acknowledged(logs: Callable[[], Iterator[Path]]) -> Path:
    """Return the first log with an acknowledgement, at most two milliseconds after it."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        for log in logs():
            if log.exists() and _ACKNOWLEDGED in log.read_bytes():
                return log
        time.sleep(_LOOK_SECONDS)
    raise TimeoutError(f"No agent acknowledged a prompt within {_PATIENCE:g} s.")


def _check_whole(log: Path, description: str) -> None:
    prompt = (log.parent / "prompt.md").read_bytes()
    digest = hashlib.sha256(prompt).hexdigest().encode()
    if digest not in log.read_bytes() or description.encode() not in prompt:
        raise RuntimeError(f"The agent of {log.parent} did not get its whole prompt.")


def _wait_released(stack: Stack, workflow_id: str, task_id: str) -> None:
    """Wait until the task is over, so that it does not disturb the next measurement."""
    events = stack.sdk.events(workflow_id=workflow_id, timeout=_PATIENCE)
    next(event for event in events if _is_release(event, task_id))
    time.sleep(_REST_SECONDS)


def _is_release(event: Event, task_id: str) -> bool:
    return event.type == "agent.released" and event.task_id == task_id


@dataclass(frozen=True)
class _RawGround:
    """A bare repository and a tmux server for raw starts."""

    folder: Path
    bare: Path

    def start(self, number: int, prompt: Path) -> float:
        """Start only the program with the prompt; return the seconds that it took."""
        home = self.folder / f"home{number}"
        home.mkdir()
        (home / "prompt.md").write_bytes(prompt.read_bytes())
        worktree, log = self.folder / f"worktree{number}", home / "pane.log"
        command = f"exec {sys.executable} -I -S {_PROGRAM} --home {home} > {log}"
        began = time.perf_counter()
        git("worktree", "add", "-q", "-b", f"raw-{number}", str(worktree), folder=self.bare)
        _tmux("new-session", "-d", "-s", f"raw-{number}", "-c", str(worktree), command)
        _acknowledged(lambda: iter((log,)))
        taken = time.perf_counter() - began
        _tmux("kill-session", "-t", f"=raw-{number}")
        return taken


@contextmanager
def _raw_ground(stack: Stack) -> Iterator[_RawGround]:
    folder = stack.home.parent / "raw"
    folder.mkdir()
    git("clone", "-q", "--bare", str(stack.repository), str(folder / "bare"), folder=folder)
    _tmux("new-session", "-d", "-s", "kept", "sleep 600")
    try:
        yield _RawGround(folder, folder / "bare")
    finally:
        _tmux("kill-server")


def _tmux(*arguments: str) -> None:
    command = ["tmux", "-L", _RAW_SOCKET, "-f", "/dev/null", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
