"""Descriptions of the supervisor's processes, one and all together."""

import json
import signal
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from hephaestus_sdk.runtime import private_files

#: Seconds for the end of a process after SIGKILL.
KILL_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """One process of the stack.

    Processes start stage by stage, those of one stage side by side, and stop one by one in
    reverse order.
    """

    name: str
    argv: tuple[str, ...]
    stage: int
    ready: tuple[str, ...] = ()
    """The readiness probe: ``("file", path)``: the file exists;
    ``("http", url)``: answers 200; ``("postgres", data folder, port)``;
    ``("valkey", port, password file)``; ``()``: as soon as it runs."""
    alive: tuple[str, ...] = ()
    """The liveness probe, like ``ready``, or ``("fresh", path, seconds)``: the file was touched
    that
    recently; ``("postgres_answers", port)``. ``()``: none."""
    alive_seconds: float = 15.0
    """Seconds between two liveness probes."""
    runs: Literal["always", "at_start", "at_stop"] = "always"
    """``at_start`` and ``at_stop`` run once, at their place in the order."""
    environment: dict[str, str] = field(default_factory=dict)
    """Added to the inherited environment."""
    inherits: bool = True
    """False: it inherits only PATH."""
    private: bool = True
    """New files are private to its account; False: the caller's umask applies."""
    hang_signal: int | None = None
    """The signal by which the process can still end its children when it hangs, before SIGKILL of
    its process group. None: SIGKILL at once."""
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10.0
    """Seconds from the stop signal, or from the start of a process that runs once, to SIGKILL of
    its
    process group."""
    hurried_seconds: float = 2.0
    """The same for a hurried stop, if it is less."""
    hurried: tuple[str, ...] = ()
    """Arguments added to ``argv`` of an ``at_stop`` process in a hurried stop, and in its second
    run
    after a failure."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """The input of the supervisor."""

    api_url: str
    ui_url: str
    database_url: str
    redis_url: str
    log_dir: str
    processes: tuple[ProcessSpec, ...]
    start_seconds: float
    """Seconds until all processes must be ready."""
    locked_folder: str | None = None
    """Folder that is locked while the supervisor lives, so that no two stacks use it."""


def longest_stop(launch: Launch) -> float:
    """Return the longest duration of a stop, in seconds."""
    return sum(
        # a failed at_stop process runs a second time, hurried
        spec.stop_seconds
        + KILL_SECONDS
        + bool(spec.hurried) * (spec.hurried_seconds + KILL_SECONDS)
        for spec in launch.processes
        if spec.runs != "at_start"
    )


def save(launch: Launch, path: Path) -> None:
    """Write it, readable by its owner only: the environments hold passwords."""
    private_files.write(path, json.dumps(asdict(launch), indent=1))


def load(path: Path) -> Launch:
    """Read what :func:`save` wrote.

    Raises:
        OSError, ValueError, TypeError: there is none, or it is damaged.
    """
    content: dict[str, Any] = json.loads(path.read_text())
    processes = tuple(_spec(item) for item in content.pop("processes"))
    return Launch(**content, processes=processes)


def _spec(item: dict[str, Any]) -> ProcessSpec:
    tuples = {name: tuple(item.get(name, ())) for name in ("argv", "ready", "alive", "hurried")}
    return ProcessSpec(**item | tuples)
