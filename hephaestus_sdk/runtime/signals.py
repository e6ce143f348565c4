"""The supervisor's signals, and its sleep, which they interrupt."""

import contextlib
import select
import signal
import socket
from types import FrameType


class Signals:
    """Handles signals of this process; must be made in the main thread."""

    def __init__(self) -> None:
        self.stop_asked = False
        self.stops_agents = True
        """False: leave agents running for the next start."""
        self.hurried = False
        """Do not wait for unfinished work."""
        self._wake, self._wakeup = socket.socketpair()
        for end in (self._wake, self._wakeup):
            end.setblocking(False)  # noqa: FBT003 - as it is defined there
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGQUIT):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # interrupts the sleep
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wakeup.fileno(), warn_on_full_buffer=False)

    def pause(self, looks: list[float | None]) -> None:
        """Sleep until a signal, or the earliest of the times (seconds from now)."""
        timeout = min((look for look in looks if look is not None), default=None)
        select.select([self._wake], [], [], timeout)
        with contextlib.suppress(BlockingIOError):
            while self._wake.recv(4096):
                pass

    def _on_stop(self, number: int, _: FrameType | None) -> None:
        self.stop_asked = True
        self.stops_agents = self.stops_agents and number != signal.SIGUSR1
        self.hurried = self.hurried or number == signal.SIGQUIT
