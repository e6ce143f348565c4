"""Permits of clients that keep a thread for long: waits for events, and live connections."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flask import Flask, current_app

from hephaestus_core.contract.errors import Unavailable

#: Clients that may wait at once; gunicorn has 512 threads, the others answer short requests.
WAITING_CLIENTS: Final = 400
#: Connections that may be open before they have said who they are.
UNKNOWN_CONNECTIONS: Final = 40


class Permits:
    """A semaphore that never waits: long requests are bounded, short ones find a free thread.

    Args:
        total: permits that may be held at once.
    """

    def __init__(self, total: int) -> None:
        self._free = threading.Semaphore(total)
        self._lock = threading.Lock()
        self.held = 0

    def acquire(self) -> None:
        """Acquire a permit; :meth:`release` gives it back.

        Raises:
            Unavailable: all are held.
        """
        if not self._free.acquire(blocking=False):
            raise Unavailable("Too many clients are waiting for events; try again in a moment.")
        with self._lock:
            self.held += 1

    def release(self) -> None:
        """Give a permit back."""
        with self._lock:
            self.held -= 1
        self._free.release()

    @contextmanager
    def acquired(self) -> Iterator[None]:
        """Hold a permit for the block.

        Raises:
            Unavailable: all are held.
        """
        self.acquire()
        try:
            yield
        finally:
            self.release()


def install(app: Flask, permits: Permits) -> None:
    """Make the permits of waiting clients reachable from requests."""
    app.extensions["hephaestus.permits"] = permits


def waiting_permits() -> Permits:
    """Return the permits of the application that handles this request."""
    found: Permits = current_app.extensions["hephaestus.permits"]
    return found
