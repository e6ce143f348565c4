"""Live connections and the permits that they hold."""

import threading
import time
from dataclasses import dataclass

from hephaestus_web.live.permits import Permits


@dataclass
class _Connection:
    since: float
    hashed: str | None = None
    """Hash of the token; None before the login."""


class Connections:
    """Connected clients, by the id that the engine gives to a connection.

    Args:
        unknown: permits of clients before their login, which take none from the others.
        known: permits of clients after their login.
    """

    def __init__(self, unknown: Permits, known: Permits) -> None:
        self._unknown = unknown
        self._known = known
        self._all: dict[str, _Connection] = {}
        self._lock = threading.Lock()

    def arrive(self, engine_id: str) -> None:
        """Add a connection before its login.

        Raises:
            Unavailable: there are too many such connections.
        """
        self._unknown.acquire()
        with self._lock:
            self._all[engine_id] = _Connection(time.monotonic())

    def introduce(self, engine_id: str, hashed: str) -> None:
        """Give a connection a permit of known clients, after its login with this token.

        Raises:
            Unavailable: all are held.
        """
        with self._lock:
            connection = self._all.get(engine_id)
            if connection is None:  # it has disconnected
                return
            if connection.hashed is None:
                self._known.acquire()
                self._unknown.release()
            connection.hashed = hashed

    def leave(self, engine_id: str) -> None:
        """Release the permit of a connection, if it has one."""
        with self._lock:
            connection = self._all.pop(engine_id, None)
        if connection is not None:
            (self._unknown if connection.hashed is None else self._known).release()

    def silent(self, seconds: float) -> list[str]:
        """Return the connections that are older than this and have not logged in."""
        latest = time.monotonic() - seconds
        with self._lock:
            return [key for key, c in self._all.items() if c.hashed is None and c.since < latest]

    def token_of(self, engine_id: str) -> str | None:
        """Return the hash of a connection's token; None before its login, and after its end."""
        with self._lock:
            connection = self._all.get(engine_id)
            return None if connection is None else connection.hashed

    def tokens(self) -> set[str]:
        """Return the hashes of the tokens of all connections."""
        with self._lock:
            return {c.hashed for c in self._all.values() if c.hashed is not None}

    def with_token(self, hashed: str) -> list[str]:
        """Return the connections with the token of this hash."""
        with self._lock:
            return [key for key, c in self._all.items() if c.hashed == hashed]
