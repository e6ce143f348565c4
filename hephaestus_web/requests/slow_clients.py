"""Time limits for slow clients, so that none holds a thread.

gunicorn limits the wait for the first byte only. A client that then sends a byte now and then
would hold its thread without end.
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
    """gunicorn's threaded worker with a time limit for reading a request."""

    #: Seconds for a whole request (1 MiB at 35 KiB/s), and for which sending an answer may stall.
    whole_seconds: ClassVar[float] = 30.0
    #: Bytes of a refused body that are read and dropped; above it the connection ends.
    most_refused: ClassVar[int] = 16 * 1024 * 1024

    def handle(self, conn: Any) -> Any:
        """Answer one request; a client that is too slow gets the answer for a truncated body."""
        # As the base class does: an idle connection goes back to the poller.
        if conn.initialized or conn.wait_for_data(DEFAULT_WORKER_DATA_TIMEOUT):
            conn.init()
            stuck = struct.pack("ll", int(self.whole_seconds), 0)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, stuck)
            conn.parser.unreader.sock = TimedSocket(conn.sock, self.whole_seconds)
        return super().handle(conn)

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        """Say whether the connection serves on: the client was told so, and sends its next request.

        The base class reads no more than 64 KiB of a body that was refused, and hangs up.
        """
        until = time.monotonic() + self.whole_seconds
        return bool(keepalive and conn.parser.finish_body(until, self.most_refused))


class TimedSocket:
    """The reading side of a socket; after a deadline it reads as closed.

    Args:
        inner: the socket.
        seconds: from now on.
    """

    def __init__(self, inner: socket.socket, seconds: float) -> None:
        self._inner = inner
        self._until = time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        """Return up to ``size`` bytes; none if the client has closed or the deadline has passed."""
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
