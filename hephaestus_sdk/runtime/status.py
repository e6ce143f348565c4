"""The status of one home folder's stack, seen from outside."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hephaestus_sdk.runtime import identity, readiness
from hephaestus_sdk.runtime.home import Home

State = Literal["stopped", "starting", "ready", "degraded", "stopping", "unsupervised"]


@dataclass(frozen=True)
class ProcessStatus:
    """One process of the stack."""

    name: str
    state: Literal["ready", "starting", "down"]
    pid: int | None
    restarts: int
    memory_bytes: int | None
    """Memory of it and its children, shared memory in proportion; None if unreadable."""
    cpu_seconds: float | None
    uptime_seconds: float | None


@dataclass(frozen=True)
class StackStatus:
    """The stack of one home folder.

    ``degraded``: a process is down or not ready; it is being started again. ``unsupervised``:
    the supervisor was killed; the next start or stop puts that right.
    """

    state: State
    home: Path
    pid: int | None = None
    api_url: str | None = None
    ui_url: str | None = None
    log_dir: Path | None = None
    healthy: bool = False
    """Whether the API is ready."""
    uptime_seconds: float | None = None
    memory_bytes: int | None = None
    """Total of the supervisor and all processes."""
    processes: tuple[ProcessStatus, ...] = ()


def read(home: Path) -> StackStatus:
    """Return the status of a home folder's stack; ``stopped`` if it does not run."""
    place = Home(home)
    supervised = place.is_supervised()
    stack = place.stack()
    processes = tuple(_process(n, p) for n, p in stack.get("processes", {}).items())
    if not supervised and all(p.pid is None for p in processes):
        return StackStatus("stopped", home)
    healthy = readiness.answers_ok(f"{stack['api_url']}/api/v1/ready") if stack else False
    # without its children, which are counted one by one
    own = _usage(int(stack["pid"]), with_children=False) if supervised and stack else None
    memory = [p.memory_bytes for p in processes] + [own.memory_bytes if own else 0]
    return StackStatus(
        state=_state(str(stack.get("state", "starting")), supervised, healthy, processes),
        home=home,
        pid=stack.get("pid") if supervised else None,
        api_url=stack.get("api_url"),
        ui_url=stack.get("ui_url"),
        log_dir=Path(stack["log_dir"]) if stack else None,
        healthy=healthy,
        uptime_seconds=time.time() - float(stack["started_at"]) if stack else None,
        memory_bytes=sum(m or 0 for m in memory),
        processes=processes,
    )


def _state(
    said: str, supervised: bool, healthy: bool, processes: tuple[ProcessStatus, ...]
) -> State:
    if not supervised:
        return "unsupervised"
    if said == "ready":
        well = healthy and all(p.state == "ready" for p in processes)
        return "ready" if well else "degraded"
    return "stopping" if said == "stopping" else "starting"


def _process(name: str, recorded: dict[str, Any]) -> ProcessStatus:
    pid = recorded.get("pid")
    restarts = int(recorded.get("restarts", 0))
    if pid is None or not identity.is_same(pid, recorded.get("born")):
        return ProcessStatus(name, "down", None, restarts, None, None, None)
    usage = _usage(pid)
    state: Literal["ready", "starting"] = "ready" if recorded.get("ready") else "starting"
    return ProcessStatus(
        name, state, pid, restarts, usage.memory_bytes, usage.cpu_seconds, usage.uptime_seconds
    )


@dataclass
class _Usage:
    memory_bytes: int | None = None
    cpu_seconds: float | None = None
    uptime_seconds: float | None = None


def _usage(pid: int, *, with_children: bool = True) -> _Usage:
    """Return the resources of a process and its children, as far as they are readable."""
    try:
        import psutil  # only in the server's installation
    except ImportError:
        return _Usage()
    usage = _Usage(0, 0.0)
    with contextlib.suppress(psutil.Error):
        leader = psutil.Process(pid)
        usage.uptime_seconds = time.time() - leader.create_time()
        children = leader.children(recursive=True) if with_children else []
        for process in [leader, *children]:
            with contextlib.suppress(psutil.Error):
                usage.memory_bytes = (usage.memory_bytes or 0) + _memory(process)
                times = process.cpu_times()
                usage.cpu_seconds = (usage.cpu_seconds or 0) + times.user + times.system
    return usage


def _memory(process: Any) -> int:
    import psutil

    with contextlib.suppress(psutil.Error, AttributeError):
        # Proportional: memory shared by ten processes counts a tenth in each.
        return int(process.memory_full_info().pss)
    return int(process.memory_info().rss)
