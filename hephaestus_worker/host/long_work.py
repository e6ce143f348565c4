"""Commands that take minutes, such as set-ups, each on a thread of its own beside the crew's.

They would keep the crew from its other work.
"""

import threading
import time
from collections.abc import Callable
from uuid import UUID


class LongWork:
    """The long work under way, one piece for each agent or workflow."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: dict[UUID, threading.Event] = {}

    def begin(
        self, subject: UUID, do: Callable[[threading.Event], None], *, then: Callable[[], None]
    ) -> None:
        """Do it on a thread, unless a piece of this subject runs.

        Args:
            do: ends soon after its event is set; reports its own errors.
            then: is called once it runs no more.
        """
        with self._changed:
            if subject in self._running:
                return
            stop = self._running[subject] = threading.Event()
        thread = threading.Thread(
            target=self._do,
            args=(subject, do, stop, then),
            name=f"long-work {subject}",
            daemon=True,
        )
        thread.start()

    def runs(self, subject: UUID) -> bool:
        """Say whether a piece of this subject runs."""
        with self._changed:
            return subject in self._running

    def stop(self, subject: UUID) -> bool:
        """Ask for the end of the subject's piece; False if none runs."""
        with self._changed:
            found = self._running.get(subject)
            if found is not None:
                found.set()
            return found is not None

    def close(self, seconds: float) -> None:
        """Ask for the end of all, and wait so long for it."""
        deadline = time.monotonic() + seconds
        with self._changed:
            for stop in self._running.values():
                stop.set()
            while self._running and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)

    def _do(
        self,
        subject: UUID,
        do: Callable[[threading.Event], None],
        stop: threading.Event,
        then: Callable[[], None],
    ) -> None:
        try:
            do(stop)
        finally:
            with self._changed:
                del self._running[subject]
                self._changed.notify_all()
            then()
