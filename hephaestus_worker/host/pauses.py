"""Growing pauses between tries of what fails again and again; known to this process alone."""

import random
import threading
import time
from collections.abc import Callable

_FIRST = 2.0
_LONGEST = 120.0


class Pauses:
    """When each thing, by its name, may be tried again. Seconds double from 2 to 120.

    Nothing that counts is in here: a process that starts anew tries everything at once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._tries: dict[str, tuple[int, float]] = {}

    def over(self, name: str) -> bool:
        """Say whether the thing may be tried now."""
        with self._guard:
            return self._clock() >= self._tries.get(name, (0, 0.0))[1]

    def lengthen(self, name: str) -> None:
        """Let the thing, which has just failed, rest for longer than the last time."""
        with self._guard:
            failures = self._tries.get(name, (0, 0.0))[0]
            # Up to half as much again at random: what failed together need not come together.
            seconds = min(_FIRST * 2**failures, _LONGEST) * random.uniform(1.0, 1.5)
            self._tries[name] = (min(failures + 1, 30), self._clock() + seconds)

    def forget(self, name: str) -> None:
        """Let the thing, which went well or is gone, be tried at once the next time."""
        with self._guard:
            self._tries.pop(name, None)
