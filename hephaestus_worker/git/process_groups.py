"""The process groups of commands that run now, so that none of them outlives its worker."""

import os
import signal
import subprocess
import threading
from contextlib import suppress
from weakref import WeakSet


class ProcessGroups:
    """Knows commands that lead a group of their own, for as long as they run."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._running: WeakSet[subprocess.Popen[bytes]] = WeakSet()
        self._ended = False

    def add(self, process: "subprocess.Popen[bytes]") -> None:
        """Know a command that was just started; after :meth:`end_all` it is killed at once."""
        with self._guard:
            self._running.add(process)
            ended = self._ended
        if ended:
            _kill(process)

    def end_all(self) -> None:
        """Kill all of them with all that they started, and whatever is started from now on."""
        with self._guard:
            self._ended = True
            running = list(self._running)
        for process in running:
            _kill(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    # Its number is its own until it has been collected, which only this process can do.
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
