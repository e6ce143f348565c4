"""One process of the stack under the supervisor: start, probes, restart."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from hephaestus_sdk.runtime import identity, postgres, readiness
from hephaestus_sdk.runtime.processes import ProcessSpec

FIRST_DELAY = 0.2
LONGEST_DELAY = 5.0
#: Seconds of life after which earlier deaths no longer lengthen the pause before a restart.
_GOOD_LIFE = 30.0
#: Seconds between two readiness probes.
_ASK_AGAIN = 0.02
_ASK_AGAIN_AT_LAST = 1.0
#: Failed liveness probes in a row after which a process counts as hanging. More than one, since
#: the machine may have been asleep or busy.
_SILENT_TIMES = 3
_PRIVATE_UMASK = 0o077


class Child:
    """A process that runs by its description. Times are those of ``time.monotonic``."""

    def __init__(self, spec: ProcessSpec, log: Path, umask: int) -> None:
        self.spec = spec
        self.log = log
        self.restarts = 0
        self.ready = False
        self.last_exit: int | None = None
        self.started_at = 0.0
        self.born: str | None = None
        self._umask = _PRIVATE_UMASK if spec.private else umask
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at: float | None = None
        self._delay = FIRST_DELAY
        self._ask_alive_at = 0.0
        self._silent_times = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self, *arguments: str) -> None:
        """Start it, with additional arguments.

        Raises:
            OSError: the program cannot be run.
        """
        self._clear_way()
        self.ready, self._start_at, self.started_at = False, None, time.monotonic()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                (*self.spec.argv, *arguments),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=self._environment(),
                start_new_session=True,
                umask=self._umask,
            )
        self.born = identity.birth(self._process.pid)

    def collect(self) -> int | None:
        """Return the exit status if it has just ended; its process group is killed."""
        process = self._process
        if process is None or not _has_ended(process):
            return None
        self.end_group()
        self.last_exit = process.wait()
        self._process, self.ready = None, False
        return self.last_exit

    def ask(self) -> bool:
        """Probe the readiness of a starting process; True if it has become ready."""
        if self._process is None or self.ready:
            return False
        self.ready = readiness.holds(self.spec.ready)
        if self.ready:
            self._ask_alive_at = time.monotonic() + self.spec.alive_seconds
            self._silent_times = 0
        return self.ready

    def hangs(self) -> bool:
        """Probe the liveness of a ready process, if it is time to; True if it hangs."""
        if not self._is_asked_for_life() or time.monotonic() < self._ask_alive_at:
            return False
        self._ask_alive_at = time.monotonic() + self.spec.alive_seconds
        self._silent_times = 0 if readiness.holds(self.spec.alive) else self._silent_times + 1
        return self._silent_times >= _SILENT_TIMES

    def delay_next_start(self) -> float:
        """Schedule the next start after a death, and return its delay in seconds."""
        now = time.monotonic()
        if now - self.started_at >= _GOOD_LIFE:
            self._delay = FIRST_DELAY
        delay, self._delay = self._delay, min(self._delay * 2, LONGEST_DELAY)
        self._start_at = now + delay
        self.restarts += 1
        return delay

    def start_is_due(self) -> bool:
        return self._start_at is not None and time.monotonic() >= self._start_at

    def next_look(self) -> float | None:
        """Return the seconds until its next step; None: only its end needs one."""
        if self._start_at is not None:
            return max(0.0, self._start_at - time.monotonic())
        if self._is_asked_for_life():
            return max(0.0, self._ask_alive_at - time.monotonic())
        if self._process is None or self.ready:
            return None
        # The longer it takes, the less precision matters.
        patience = (time.monotonic() - self.started_at) / 20
        return min(max(_ASK_AGAIN, patience), _ASK_AGAIN_AT_LAST)

    def signal(self, number: int) -> None:
        """Send a signal to the process, unless it has ended."""
        if self._process is not None:
            self._process.send_signal(number)

    def end_group(self) -> None:
        """Send SIGKILL to its process group."""
        if self._process is not None:
            # The pid cannot have been reused: the process has not been reaped.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end_hanging(self) -> None:
        """End a process that hangs; again at the next probe that it does not survive."""
        if self.spec.hang_signal is not None and self._silent_times == _SILENT_TIMES:
            self.signal(self.spec.hang_signal)
            self.signal(signal.SIGCONT)  # one that was stopped hears nothing else
        else:
            self.end_group()

    def as_json(self) -> dict[str, Any]:
        return {
            "pid": self.pid,
            "born": self.born if self.running else None,
            "restarts": self.restarts,
            "ready": self.ready,
            "last_exit": self.last_exit,
        }

    def _is_asked_for_life(self) -> bool:
        return self.running and self.ready and bool(self.spec.alive)

    def _clear_way(self) -> None:
        match self.spec.ready:
            case ("file", path):
                Path(path).unlink(missing_ok=True)
            case ("postgres", data_dir, _):
                postgres.clear_leftovers(Path(data_dir))

    def _environment(self) -> dict[str, str]:
        inherited = dict(os.environ) if self.spec.inherits else {"LC_ALL": "C", "TZ": "UTC"}
        path = os.environ.get("PATH", os.defpath)
        return inherited | {"PATH": path} | self.spec.environment


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    if sys.platform != "linux":
        return process.poll() is not None
    # WNOWAIT: the pid is not reused before the group is killed.
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, options) is not None
