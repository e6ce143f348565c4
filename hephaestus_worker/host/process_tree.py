"""All processes of an agent, found by the mark in their environment.

The mark is inherited, so a daemon that left its session and its parent is found as well. A child
with an emptied environment is found through its parent or its session.
"""

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil

from hephaestus_core.errors import AgentProgramError

MARKER = "HEPHAESTUS_AGENT"

_POLL_SECONDS = 0.01
_KILL_SECONDS = 10.0


def processes_of(agent_id: str) -> list[psutil.Process]:
    """Return the agent's living processes; never this one or one that it came from."""
    pids = psutil.pids()
    marked = {pid for pid in pids if _marked(pid, agent_id)}
    if not marked:
        return []
    found = _with_family(marked, pids) - _own_line()
    return [p for p in map(_living, sorted(found)) if p is not None]


def end_tree(agent_id: str, *, grace: float) -> list[int]:
    """End the agent's processes: ask, wait up to ``grace`` seconds, then kill.

    Returns the ids of all that were ended. Raises AgentProgramError when one cannot be killed.
    """
    asked = processes_of(agent_id)
    if not asked:
        return []
    ended = {process.pid for process in asked}
    _each(asked, psutil.Process.terminate)
    _wait_until_gone(asked, grace)
    deadline = time.monotonic() + _KILL_SECONDS
    # Again and again: what is being killed may still be starting children.
    while left := processes_of(agent_id):
        if time.monotonic() > deadline:
            pids = ", ".join(str(process.pid) for process in left)
            raise AgentProgramError(f"Processes {pids} of agent {agent_id} cannot be ended.")
        ended.update(process.pid for process in left)
        _each(left, psutil.Process.kill)
        _wait_until_gone(left, 1.0)
    return sorted(ended)


def _marked(pid: int, agent_id: str) -> bool:
    try:
        return psutil.Process(pid).environ().get(MARKER) == agent_id
    except (psutil.Error, OSError):
        return False  # gone, or another user's


def _with_family(marked: set[int], pids: Iterable[int]) -> set[int]:
    """Add members of sessions that a marked process leads, and all descendants."""
    children: dict[int, list[int]] = {}
    found = set(marked)
    for pid in pids:
        with suppress(psutil.Error, OSError):
            children.setdefault(psutil.Process(pid).ppid(), []).append(pid)
            if os.getsid(pid) in marked:
                found.add(pid)
    waiting = list(found)
    while waiting:
        new = set(children.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def _own_line() -> set[int]:
    me = psutil.Process()
    return {me.pid, *(parent.pid for parent in me.parents())}


def _living(pid: int) -> psutil.Process | None:
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def _each(processes: list[psutil.Process], do: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            do(process)


def _wait_until_gone(processes: list[psutil.Process], seconds: float) -> None:
    # Not psutil.wait_procs: it waits for zombies too, which only their parent can remove.
    deadline = time.monotonic() + seconds
    while any(_still_there(process) for process in processes):
        if time.monotonic() > deadline:
            return
        time.sleep(_POLL_SECONDS)


def _still_there(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
