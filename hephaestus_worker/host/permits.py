"""A semaphore that never waits, for work that must leave some of a host's threads free."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Permits:
    """A number of permits. It remembers that somebody was refused one.

    Args:
        total: permits that may be held at once.
    """

    def __init__(self, total: int) -> None:
        self._lock = threading.Lock()
        self._free = total
        self._refused = False

    @contextmanager
    def try_acquire(self) -> Iterator[bool]:
        """Hold a permit for the block; False if none is free."""
        with self._lock:
            acquired = self._free > 0
            self._free -= acquired
            self._refused = self._refused or not acquired
        try:
            yield acquired
        finally:
            with self._lock:
                self._free += acquired

    def take_refused(self) -> bool:
        """Say, once, whether somebody was refused a permit since the last call."""
        with self._lock:
            refused, self._refused = self._refused, False
            return refused
