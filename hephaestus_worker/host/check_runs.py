"""The checks of reviews that run on this host, each on a thread of its own."""

import logging
import threading
from collections.abc import Callable, Collection
from uuid import UUID

logger = logging.getLogger(__name__)


class CheckRuns:
    """Runs checks beside the crew: they may take an hour, and nothing else waits for them.

    Args:
        most: runs at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._running: dict[UUID, tuple[threading.Thread, threading.Event]] = {}

    def start(self, review_id: UUID, run: Callable[[threading.Event], None]) -> bool:
        """Start the run of a review's checks; False if it runs already or too many others do.

        Args:
            review_id: of the review.
            run: does it, and breaks off soon after its event is set.
        """
        with self._lock:
            if review_id in self._running or len(self._running) >= self._most:
                return False
            stop = threading.Event()
            thread = threading.Thread(
                target=self._do, args=(review_id, run, stop), name="checks", daemon=True
            )
            self._running[review_id] = thread, stop
            thread.start()
            return True

    def stop_others(self, due: Collection[UUID]) -> None:
        """Break off the runs of all reviews but these."""
        with self._lock:
            for review_id, (_, stop) in self._running.items():
                if review_id not in due:
                    stop.set()

    def close(self, seconds: float) -> None:
        """Break off all runs, and wait so long for their ends."""
        self.stop_others(())
        with self._lock:
            threads = [thread for thread, _ in self._running.values()]
        for thread in threads:
            thread.join(seconds / len(threads))

    def _do(
        self, review_id: UUID, run: Callable[[threading.Event], None], stop: threading.Event
    ) -> None:
        try:
            run(stop)
        except Exception:  # the next pass finds the review as it was
            logger.exception("checks_failed review_id=%s", review_id)
        finally:
            with self._lock:
                del self._running[review_id]
