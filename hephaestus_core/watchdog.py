"""The watchdog of a process: ends it when a part of it hangs, so that it is started again."""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: The exit status of a process that the watchdog has ended.
HANGING_STATUS = 71

_LOOK_SECONDS = 1.0
#: Seconds for the last act of a process that is ended.
_LAST_ACT_SECONDS = 3.0


@dataclass(frozen=True)
class Part:
    """A part of the process that can hang."""

    mark: Callable[[], object]
    """Returns what changes while the part goes on; None while it has nothing to do. Never waits."""
    seconds: float
    """How long its mark may stay the same."""


class Watchdog(threading.Thread):
    """Looks at the marks of all parts each second. It takes no lock and waits for nobody.

    It counts its own looks, no clock: a process that was frozen as a whole has time to go on.

    Args:
        parts: the parts by name.
        last_act: is called before the end, for a few seconds at most.
    """

    def __init__(self, parts: Mapping[str, Part], *, last_act: Callable[[], None]) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._parts = parts
        self._last_act = last_act
        self._same: dict[str, tuple[object, int]] = {}

    def run(self) -> None:
        """Watch until a part hangs; then end the process with ``HANGING_STATUS``."""
        pause = threading.Event()
        while not (hanging := [name for name in self._parts if self._hangs(name)]):
            pause.wait(_LOOK_SECONDS)
        # No logging, whose locks the part may hold.
        os.write(2, f"watchdog: {', '.join(hanging)} hangs; the process ends\n".encode())
        act = threading.Thread(target=self._last_act, daemon=True)
        act.start()
        act.join(_LAST_ACT_SECONDS)
        os._exit(HANGING_STATUS)

    def _hangs(self, name: str) -> bool:
        part = self._parts[name]
        mark = part.mark()
        before, looks = self._same.get(name, (None, 0))
        looks = looks + 1 if mark is not None and mark == before else 0
        self._same[name] = (mark, looks)
        return looks * _LOOK_SECONDS > part.seconds
