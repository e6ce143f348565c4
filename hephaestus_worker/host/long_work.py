"""Work that takes minutes, such as set-ups and checks, each piece on a thread beside the crew's.

It would keep the crew from its other work.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection
from uuid import UUID

logger = logging.getLogger(__name__)

_Work = Callable[[threading.Event], None]


class LongWork:
    """The long work under way, one piece for each subject, such as an agent or a review.

    Args:
        most: pieces at once; None: any number.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._changed = threading.Condition()
        self._running: dict[UUID, threading.Event] = {}

    def begin(self, subject: UUID, do: _Work, *, then: Callable[[], None] | None = None) -> bool:
        """Do it on a thread; False if a piece of this subject runs, or too many others do.

        Args:
            subject: by which it is found again.
            do: ends soon after its event is set; an error is logged, and a later pass begins anew.
            then: is called once it runs no more.
        """
        with self._changed:
            if subject in self._running or len(self._running) == self._most:
                return False
            stop = self._running[subject] = threading.Event()
        thread = threading.Thread(
            target=self._do,
            args=(subject, do, stop, then),
            name=f"long-work {subject}",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError:  # the machine gives no thread now; a later pass begins anew
            self._forget(subject)
            raise
        return True

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

    def stop_others(self, wanted: Collection[UUID]) -> None:
        """Ask for the end of all pieces but those of these subjects."""
        with self._changed:
            for subject, stop in self._running.items():
                if subject not in wanted:
                    stop.set()

    def close(self, seconds: float) -> None:
        """Ask for the end of all, and wait so long for it."""
        deadline = time.monotonic() + seconds
        self.stop_others(())
        with self._changed:
            while self._running and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)

    def _do(
        self, subject: UUID, do: _Work, stop: threading.Event, then: Callable[[], None] | None
    ) -> None:
        try:
            do(stop)
        except Exception:  # a later pass finds the subject as it was
            logger.exception("long_work_failed subject=%s", subject)
        finally:
            self._forget(subject)
            if then is not None:
                then()

    def _forget(self, subject: UUID) -> None:
        with self._changed:
            del self._running[subject]
            self._changed.notify_all()
