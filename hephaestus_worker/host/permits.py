"""A semaphore that never waits, for work that must leave some of a host's threads free."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID


class Permits:
    """A number of permits for work on agents. Agents that were refused one stand in line.

    Args:
        total: permits that may be held at once.
    """

    def __init__(self, total: int) -> None:
        self._lock = threading.Lock()
        self._free = total
        self._line: dict[UUID, None] = {}

    @contextmanager
    def try_acquire(self, agent_id: UUID, ring: Callable[[UUID], None]) -> Iterator[bool]:
        """Hold a permit for the block; False if none is free: then the agent stands in line.

        After the block, `ring` is called with the agent that is first in line, which leaves it.
        """
        acquired = self._take(agent_id)
        try:
            yield acquired
        finally:
            if acquired and (first := self._give_back()) is not None:
                ring(first)

    def _take(self, agent_id: UUID) -> bool:
        with self._lock:
            if not self._free:
                self._line.setdefault(agent_id)
                return False
            self._free -= 1
            self._line.pop(agent_id, None)
            return True

    def _give_back(self) -> UUID | None:
        with self._lock:
            self._free += 1
            first = next(iter(self._line), None)
            if first is not None:
                del self._line[first]
            return first
