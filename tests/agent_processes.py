"""The processes of agents, some of which may end at any moment."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

import psutil

from hephaestus_worker.terminal.enclosures import KEEPER


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill all processes; ignore those that have already ended."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def programs(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return the processes that play a script, without those around them and their commands."""
    return [process for process in processes if _plays(process)]


def without(script: str, processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return all but the shell that runs the start script, which notes how the program ends."""
    return [process for process in processes if script not in _command(process)]


def seen_from_outside(pid: int, processes: Iterable[psutil.Process]) -> psutil.Process:
    """Return the process of these that knows itself by ``pid``, in its own PID namespace."""
    for process in processes:
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{process.pid}/status").read_text()
            [known] = [line for line in status.splitlines() if line.startswith("NSpid:")]
            if int(known.split()[-1]) == pid:
                return process
    raise AssertionError(f"No process knows itself by {pid}.")


def _plays(process: psutil.Process) -> bool:
    """Return whether it plays a script; one that has just ended does not."""
    try:
        return "scripted_agent" in _command(process) and KEEPER not in process.environ()
    except (psutil.NoSuchProcess, ProcessLookupError):
        return False


def _command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""
