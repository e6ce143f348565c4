"""Live connections and the permits that they hold."""

import threading
import time
from dataclasses import dataclass

from hephaestus_web.live.permits import Permits


@dataclass
class _Connection:
    since: float
    hashed: str | None = None
    """Of the token; None: not known yet."""


class Connections:
    """Who is connected, by the engine's id of the connection.

    Args:
        unknown: permits of those who are not known yet, so that they take none from anybody else.
        known: permits of those who are.
    """

    def __init__(self, unknown: Permits, known: Permits) -> None:
        self._unknown = unknown
        self._known = known
        self._all: dict[str, _Connection] = {}
        self._lock = threading.Lock()

    def arrive(self, engine_id: str) -> None:
        """Let a connection wait at the door.

        Raises:
            Unavailable: too many wait there.
        """
        self._unknown.acquire()
        with self._lock:
            self._all[engine_id] = _Connection(time.monotonic())

    def introduce(self, engine_id: str, hashed: str) -> None:
        """Give a permit of known clients to a connection that came with the token of this hash.

        Raises:
            Unavailable: all are taken.
        """
        with self._lock:
            connection = self._all.get(engine_id)
            if connection is None:  # it has left meanwhile
                return
            if connection.hashed is None:
                self._known.acquire()
                self._unknown.release()
            connection.hashed = hashed

    def leave(self, engine_id: str) -> None:
        """Give the place of a connection back, if it has one."""
        with self._lock:
            connection = self._all.pop(engine_id, None)
        if connection is not None:
            (self._unknown if connection.hashed is None else self._known).release()

    def silent(self, seconds: float) -> list[str]:
        """Return those who came more than so long ago, and have not said who they are."""
        latest = time.monotonic() - seconds
        with self._lock:
            return [key for key, c in self._all.items() if c.hashed is None and c.since < latest]

    def tokens(self) -> set[str]:
        """Return the hashes of all tokens that somebody is connected with."""
        with self._lock:
            return {c.hashed for c in self._all.values() if c.hashed is not None}

    def with_token(self, hashed: str) -> list[str]:
        """Return the connections with the token of this hash."""
        with self._lock:
            return [key for key, c in self._all.items() if c.hashed == hashed]
