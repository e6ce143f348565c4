"""Process groups of running commands, so that none outlives its worker."""

import os
import signal
import subprocess
import threading
from contextlib import suppress
from weakref import WeakSet


class ProcessGroups:
    """Running commands, each the leader of its process group."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._running: WeakSet[subprocess.Popen[bytes]] = WeakSet()
        self._ended = False

    def add(self, process: "subprocess.Popen[bytes]") -> None:
        """Add a command for the block; after :meth:`end_all` it is killed at once."""
        with self._guard:
            self._running.add(process)
            ended = self._ended
        if ended:
            _kill(process)

    def end_all(self) -> None:
        """Kill all groups, and every command that is added later."""
        with self._guard:
            self._ended = True
            running = list(self._running)
        for process in running:
            _kill(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    # The pid cannot be reused before this process has waited for it.
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
