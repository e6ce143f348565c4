"""All processes of an agent: those that carry its mark in their environment, and what they started.

The program is held by keepers (:mod:`hephaestus_worker.terminal.enclosures`), which carry the mark
and are out of its reach. Whatever it starts stays a descendant of theirs, also with an emptied
environment or in a session of its own. Where a host has no enclosure, the mark alone must do.
"""

import os
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_worker.terminal.enclosures import KEEPER

MARKER = "HEPHAESTUS_AGENT"

_POLL_SECONDS = 0.01
_KILL_SECONDS = 10.0
_MARK = f"{MARKER}=".encode()
#: Where Linux shows processes as files. To read them takes a quarter of psutil's time, and all
#: processes of a host are read a few times for each agent that ends.
_HAS_PROC = Path("/proc/self/environ").exists()


class ProcessesLeft(AgentProgramError):
    """Processes of agents cannot be ended, because they hang or belong to another user."""

    def __init__(self, agent_ids: Collection[str], processes: Iterable[psutil.Process]) -> None:
        self.processes = sorted(processes, key=lambda process: process.pid)
        pids = ", ".join(str(process.pid) for process in self.processes)
        whose = f"agent {next(iter(agent_ids))}" if len(agent_ids) == 1 else "agents"
        super().__init__(
            f"Processes {pids} of {whose} cannot be ended; end them as the user that they belong "
            "to, with kill -9."
        )


def marked_agents() -> set[str]:
    """Return the ids of all agents of all homes that have a living process."""
    return {mark for pid in psutil.pids() if (mark := _mark(pid)) is not None}


def processes_of(*agent_ids: str) -> list[psutil.Process]:
    """Return the agents' living processes, without this one and its ancestors."""
    pids, asked = psutil.pids(), frozenset(agent_ids)
    marked = {pid for pid in pids if _mark(pid) in asked}
    if not marked:
        return []
    found = _with_family(marked, pids) - _own_line()
    return [p for p in map(_living, sorted(found)) if p is not None]


def end_tree(agent_id: str, *, grace: float) -> list[int]:
    """End the agent's processes: ask, wait up to ``grace`` seconds, then kill.

    Returns the ids of all that were ended. Raises ProcessesLeft when one cannot be killed.
    """
    return end_trees([agent_id], grace=grace)


def ask_to_end(agent_id: str, *, grace: float) -> None:
    """Ask the agent's processes to end, wait up to ``grace`` seconds, and kill those left.

    The caller looks once more with :func:`end_tree` later; each look reads all processes of the
    host.

    Raises:
        ProcessesLeft: one cannot be killed.
    """
    found = set(processes_of(agent_id))
    _each(found, psutil.Process.terminate)
    if not _wait_until_gone(found, grace):
        _kill([agent_id], found)


def end_trees(agent_ids: Collection[str], *, grace: float) -> list[int]:
    """End the processes of these agents side by side; see :func:`end_tree`.

    One process that cannot be ended does not stop the others from being ended.
    """
    found = set(processes_of(*agent_ids))
    if not found:
        return []
    _each(found, psutil.Process.terminate)
    _wait_until_gone(found, grace)
    _kill(agent_ids, found)
    return sorted(process.pid for process in found)


def _kill(agent_ids: Collection[str], found: set[psutil.Process]) -> None:
    """Kill what is left of these processes, and of what they have started, which is added."""
    deadline = time.monotonic() + _KILL_SECONDS
    # Repeated: a dying process may still start children. A process that was found once counts
    # until it is gone: without its parent nothing shows whose it is.
    while left := {*processes_of(*agent_ids), *filter(is_alive, found)}:
        if time.monotonic() > deadline:
            raise ProcessesLeft(agent_ids, left)
        found |= left
        # Keepers last: they adopt what a killed process leaves, note the exit status, and end.
        held = {process for process in left if not _is_keeper(process)}
        _each(held, psutil.Process.kill)
        _wait_until_gone(left, 1.0)
        if not held:
            _each(left, psutil.Process.kill)


def is_alive(process: psutil.Process) -> bool:
    """Say whether the process still runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _mark(pid: int) -> str | None:
    try:
        if not _HAS_PROC:
            return psutil.Process(pid).environ().get(MARKER)
        environment = _read(pid, "environ")
    except (psutil.Error, OSError):
        return None  # ended, or of another user
    if _MARK not in environment:
        return None  # so it is with nearly all processes of a host
    marks = (entry for entry in environment.split(b"\0") if entry.startswith(_MARK))
    return next((os.fsdecode(mark.removeprefix(_MARK)) for mark in marks), None)


def _parent_and_session(pid: int) -> tuple[int, int]:
    if not _HAS_PROC:
        return psutil.Process(pid).ppid(), os.getsid(pid)
    # The name, in parentheses, may hold anything; state, parent, group and session follow it.
    _, parent, _, session = _read(pid, "stat").rpartition(b")")[2].split()[:4]
    return int(parent), int(session)


def _read(pid: int, name: str) -> bytes:
    with open(f"/proc/{pid}/{name}", "rb", buffering=0) as file:  # noqa: PTH123 - pathlib is slower
        return file.read()


def _is_keeper(process: psutil.Process) -> bool:
    try:
        return KEEPER in process.environ()
    except (psutil.Error, OSError):
        return False


def _with_family(marked: set[int], pids: Iterable[int]) -> set[int]:
    """Add members of sessions that a marked process leads, and all descendants."""
    children: dict[int, list[int]] = {}
    found = set(marked)
    for pid in pids:
        with suppress(psutil.Error, OSError):
            parent, session = _parent_and_session(pid)
            children.setdefault(parent, []).append(pid)
            if session in marked:
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


def _each(processes: Iterable[psutil.Process], do: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        # ended, or of another user; the latter is reported as left
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            do(process)


def _wait_until_gone(processes: Collection[psutil.Process], seconds: float) -> bool:
    # psutil.wait_procs would wait for zombies too, which only their parent can reap.
    deadline = time.monotonic() + seconds
    while any(is_alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
