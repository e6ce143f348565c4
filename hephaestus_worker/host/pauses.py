"""Exponential backoff per name, in this process."""

import random
import threading
import time
from collections.abc import Callable

_FIRST = 2.0
_LONGEST = 120.0
#: Seconds for which a pause that is over is remembered. Some names are never tried again.
_REMEMBERED = 3600.0


class Pauses:
    """When each name may be tried again. Pauses double from 2 to 120 seconds.

    They are not stored: a new process tries everything at once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._tries: dict[str, tuple[int, float]] = {}

    def over(self, name: str) -> bool:
        """Say whether the name may be tried now."""
        with self._guard:
            return self._clock() >= self._tries.get(name, (0, 0.0))[1]

    def lengthen(self, name: str) -> None:
        """Double the pause of a name whose try has failed."""
        with self._guard:
            now = self._clock()
            self._forget_old(now)
            failures = self._tries.get(name, (0, 0.0))[0]
            # Jitter: tries that failed together are spread out.
            seconds = min(_FIRST * 2**failures, _LONGEST) * random.uniform(1.0, 1.5)
            self._tries[name] = (min(failures + 1, 30), now + seconds)

    def forget(self, name: str) -> None:
        """Forget the pause of a name whose try succeeded."""
        with self._guard:
            self._tries.pop(name, None)

    def _forget_old(self, now: float) -> None:
        ended = [name for name, (_, until) in self._tries.items() if until + _REMEMBERED < now]
        for name in ended:
            del self._tries[name]
