"""Clients that send slowly, or stop halfway: each request has a time in which it must be here.

gunicorn bounds the wait for the first byte only. After that a client that sends a byte now and
then would keep a thread for ever.
"""

import socket
import time
from typing import Any, Final

from gunicorn.workers.gthread import (  # type: ignore[import-untyped]
    DEFAULT_WORKER_DATA_TIMEOUT,
    ThreadWorker,
)

#: Seconds in which a request must have come whole: 1 MiB at 35 KiB/s.
_WHOLE_SECONDS: Final = 30.0


class TimedWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, which reads no request for longer than its time."""

    def handle(self, conn: Any) -> Any:
        """Answer one request; a client that is too slow gets the answer for a body cut short."""
        # As the base class does first: a connection that says nothing goes back to the poller.
        if conn.initialized or conn.wait_for_data(DEFAULT_WORKER_DATA_TIMEOUT):
            conn.init()
            conn.parser.unreader.sock = TimedSocket(conn.sock, _WHOLE_SECONDS)
        return super().handle(conn)


class TimedSocket:
    """The reading side of a socket, until a time; after that it reads as ended.

    Args:
        inner: the socket.
        seconds: from now on.
    """

    def __init__(self, inner: socket.socket, seconds: float) -> None:
        self._inner = inner
        self._until = time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        """Return up to ``size`` bytes; none: the client has ended, or its time is up."""
        left = self._until - time.monotonic()
        if left <= 0:
            return b""
        self._inner.settimeout(left)
        try:
            return self._inner.recv(size)
        except TimeoutError:
            return b""
        finally:
            self._inner.settimeout(None)
