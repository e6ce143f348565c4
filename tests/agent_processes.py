"""The processes of agents, some of which end while one looks at them."""

import contextlib
from collections.abc import Iterable

import psutil


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill all of them; those that have ended meanwhile are what was wanted."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def programs(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return those that play a script, without the commands that they run."""
    return [process for process in processes if "scripted_agent" in _command(process)]


def without(script: str, processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return all but the shell that runs the start script, which notes how the program ends."""
    return [process for process in processes if script not in _command(process)]


def _command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""
