"""Clients that send slowly, stop halfway, or do not read their answer: none keeps a thread.

gunicorn bounds the wait for the first byte only. After that a client that sends a byte now and
then would be waited for without end.
"""

import socket
import struct
import time
from typing import Any, ClassVar

from gunicorn.workers.gthread import (  # type: ignore[import-untyped]
    DEFAULT_WORKER_DATA_TIMEOUT,
    ThreadWorker,
)


class TimedWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, which reads no request for longer than its time."""

    #: Seconds in which a request must have come whole, 1 MiB at 35 KiB/s, and for which an answer
    #: may get stuck.
    whole_seconds: ClassVar[float] = 30.0

    def handle(self, conn: Any) -> Any:
        """Answer one request; a client that is too slow gets the answer for a body cut short."""
        # As the base class does first: a connection that says nothing goes back to the poller.
        if conn.initialized or conn.wait_for_data(DEFAULT_WORKER_DATA_TIMEOUT):
            conn.init()
            stuck = struct.pack("ll", int(self.whole_seconds), 0)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, stuck)
            conn.parser.unreader.sock = TimedSocket(conn.sock, self.whole_seconds)
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
