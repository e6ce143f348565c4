"""A number of places for work that must not take all of a host's threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Places:
    """Places that are taken without waiting. Whoever finds none is not forgotten."""

    def __init__(self, number: int) -> None:
        self._guard = threading.Lock()
        self._free = number
        self._turned_away = False

    @contextmanager
    def try_take(self) -> Iterator[bool]:
        """Take a place for the block; False if there is none."""
        with self._guard:
            taken = self._free > 0
            self._free -= taken
            self._turned_away = self._turned_away or not taken
        try:
            yield taken
        finally:
            with self._guard:
                self._free += taken

    def take_request(self) -> bool:
        """Say, once, whether somebody found no place since the last call."""
        with self._guard:
            asked, self._turned_away = self._turned_away, False
            return asked
