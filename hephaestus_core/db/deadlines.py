"""Deadlines of calls to the database, kept on this side of the connection.

The server's own limits do not help against a server that is frozen, or a network that drops
everything: a call would wait for an answer without end.
"""

import select
import time
from typing import Any, Final

import psycopg2
from psycopg2 import extensions

#: Seconds for a new connection.
CONNECT_SECONDS: Final = 5.0
_ESTABLISHED: Final = {
    extensions.STATUS_READY,
    extensions.STATUS_BEGIN,
    extensions.STATUS_PREPARED,
}


def timed_connection(answer_seconds: float) -> type[extensions.connection]:
    """Return a class of connections that are closed when an answer takes longer."""
    extensions.set_wait_callback(_wait)  # for this process; other connections wait as before
    members = {"answer_seconds": answer_seconds}
    return type("TimedConnection", (extensions.connection,), members)


def _wait(connection: Any) -> None:
    """Wait until the connection has its answer; libpq calls this in place of waiting itself.

    Raises:
        psycopg2.OperationalError: the deadline has passed. The connection is closed then.
    """
    seconds = getattr(connection, "answer_seconds", None)
    if seconds is not None and connection.status not in _ESTABLISHED:
        seconds = CONNECT_SECONDS
    deadline = None if seconds is None else time.monotonic() + seconds
    while (state := connection.poll()) != extensions.POLL_OK:
        waiting = select.poll()
        reads = state == extensions.POLL_READ
        waiting.register(connection.fileno(), select.POLLIN if reads else select.POLLOUT)
        left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        if not waiting.poll(left):
            raise psycopg2.OperationalError(f"the database did not answer within {seconds:g} s")
