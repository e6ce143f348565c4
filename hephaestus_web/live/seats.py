"""Places for clients that keep a thread for long: waits for events, and live connections."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flask import Flask, current_app

from hephaestus_core.contract.errors import Unavailable

#: Clients that may wait at once; gunicorn has 512 threads, the others answer short requests.
SEATS: Final = 400
#: Connections that may be open before they have said who they are.
DOORWAY: Final = 40


class Seats:
    """A bound on long requests, so that short ones always find a free thread.

    Args:
        total: how many may be taken at once.
    """

    def __init__(self, total: int) -> None:
        self._free = threading.Semaphore(total)
        self._lock = threading.Lock()
        self.occupied = 0

    def take(self) -> None:
        """Take a place, to be given back with :meth:`give_back`.

        Raises:
            Unavailable: all are taken.
        """
        if not self._free.acquire(blocking=False):
            raise Unavailable("Too many clients are waiting for events; try again in a moment.")
        with self._lock:
            self.occupied += 1

    def give_back(self) -> None:
        """Free a place that was taken."""
        with self._lock:
            self.occupied -= 1
        self._free.release()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a place for a while.

        Raises:
            Unavailable: all are taken.
        """
        self.take()
        try:
            yield
        finally:
            self.give_back()


def install(app: Flask, seats: Seats) -> None:
    """Make them reachable from requests by :func:`seats`."""
    app.extensions["hephaestus.seats"] = seats


def seats() -> Seats:
    """Return those of the application that handles this request."""
    found: Seats = current_app.extensions["hephaestus.seats"]
    return found
