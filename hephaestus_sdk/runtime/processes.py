"""What the supervisor runs: the description of one process, and of all of them together."""

import json
import signal
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from hephaestus_sdk.runtime import private_files

#: Seconds that the kernel gets to end a process after SIGKILL.
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
    """How to tell that it is ready: ``("file", path)``: that file is there;
    ``("http", url)``: answers 200; ``("postgres", data folder, port)``;
    ``("valkey", port, password file)``; ``()``: as soon as it runs."""
    alive: tuple[str, ...] = ()
    """How to tell later that it does not hang, as ``ready``, or ``("fresh", path, seconds)``: that
    file was touched since then. ``()``: that is not asked."""
    alive_seconds: float = 15.0
    """Time between two of these questions."""
    runs: Literal["always", "at_start", "at_stop"] = "always"
    """``at_start`` and ``at_stop`` run once, to their end, at their place in the order."""
    environment: dict[str, str] = field(default_factory=dict)
    """Added to what it inherits."""
    inherits: bool = True
    """False: it sees nothing of the caller's environment but PATH."""
    private: bool = True
    """Files that it makes are its account's alone; False: as the caller's umask says."""
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10.0
    """Seconds from the stop signal, or from the start of one that runs once, to SIGKILL for its
    whole process group."""
    hurried_seconds: float = 2.0
    """The same when unfinished work is not waited for, if that is less."""
    hurried: tuple[str, ...] = ()
    """What is added to ``argv`` of one that runs at the stop when unfinished work is not waited
    for, and when it has failed without: then it is run once more."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """All that the supervisor has to know."""

    api_url: str
    ui_url: str
    database_url: str
    redis_url: str
    log_dir: str
    processes: tuple[ProcessSpec, ...]
    start_seconds: float
    """Seconds from the start of the supervisor until all must be ready."""
    locked_folder: str | None = None
    """Folder that no two stacks may use, and that is locked as long as the supervisor lives."""


def longest_stop(launch: Launch) -> float:
    """Return the seconds that a stop takes if every process takes all of its time."""
    return sum(
        # What failed at the stop is run a second time, in a hurry.
        spec.stop_seconds
        + KILL_SECONDS
        + bool(spec.hurried) * (spec.hurried_seconds + KILL_SECONDS)
        for spec in launch.processes
        if spec.runs != "at_start"
    )


def save(launch: Launch, path: Path) -> None:
    """Write it for its owner only: the environments hold passwords."""
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
