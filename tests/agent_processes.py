"""The processes of agents, some of which may end at any moment."""

import contextlib
from collections.abc import Iterable

import psutil


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill all processes; ignore those that have already ended."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def programs(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return the processes that play a script, without the commands that these run."""
    return [process for process in processes if "scripted_agent" in _command(process)]


def without(script: str, processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return all but the shell that runs the start script, which notes how the program ends."""
    return [process for process in processes if script not in _command(process)]


def _command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""
