"""Locks by name within one process, which are never waited for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class KeyedLocks:
    """Locks by name; a lock exists while it is held."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: set[str] = set()
        self._asked_again: set[str] = set()

    @contextmanager
    def try_acquire(self, name: str, *, again: bool = False) -> Iterator[bool]:
        """Hold the lock for the block; False if it is held already.

        Args:
            again: whoever holds it asks :meth:`take_refused` after its block, and this refusal is
                to be found there. It is forgotten if the block breaks off.
        """
        with self._guard:
            free = name not in self._held
            if free:
                self._held.add(name)
            elif again:
                self._asked_again.add(name)
        ended = False
        try:
            yield free
            ended = True
        finally:
            if free:
                with self._guard:
                    self._held.discard(name)
                    if not ended:
                        self._asked_again.discard(name)

    def held(self, name: str) -> bool:
        """Say whether the lock is held now."""
        with self._guard:
            return name in self._held

    def take_refused(self, name: str) -> bool:
        """Say, once, whether somebody was refused the lock since the last call."""
        with self._guard:
            asked = name in self._asked_again
            self._asked_again.discard(name)
            return asked
