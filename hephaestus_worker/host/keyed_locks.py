"""Locks by name, within one process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class KeyedLocks:
    """Locks that exist as long as somebody holds them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: set[str] = set()
        self._asked_again: set[str] = set()

    @contextmanager
    def try_hold(self, name: str) -> Iterator[bool]:
        """Hold the lock if it is free; False if somebody else has it."""
        with self._guard:
            free = name not in self._held
            if free:
                self._held.add(name)
            else:
                self._asked_again.add(name)
        try:
            yield free
        finally:
            if free:
                with self._guard:
                    self._held.discard(name)

    def held(self, name: str) -> bool:
        """Say whether somebody holds the lock now."""
        with self._guard:
            return name in self._held

    def take_request(self, name: str) -> bool:
        """Say, once, whether somebody asked for the lock in vain since the last call."""
        with self._guard:
            asked = name in self._asked_again
            self._asked_again.discard(name)
            return asked
