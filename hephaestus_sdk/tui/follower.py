"""The thread that follows the event log for the terminal interface."""

import threading
import time
from collections.abc import Callable
from typing import Final

from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.errors import HephaestusError
from hephaestus_sdk.tui.snapshot import Snapshot, take

#: Least seconds between two snapshots.
_REFRESH: Final = 0.5
#: Seconds of pause after a failed request.
_PAUSE: Final = 1.0
#: Seconds of a long-poll. A server that vanished without a word is noticed only after it.
_LONGEST: Final = 10.0


class Follower:
    """Reads a snapshot after events, and passes it on.

    Args:
        client: the API.
        show: called on this follower's thread with each new snapshot.
        fail: called with a message when the API does not answer.
    """

    def __init__(
        self,
        client: HephaestusClient,
        show: Callable[[Snapshot], None],
        fail: Callable[[str], None],
    ) -> None:
        self._client = client
        self._show = show
        self._fail = fail
        self._ended = threading.Event()
        self._due = time.monotonic()
        # A daemon thread: a long-poll must not delay the end of the program.
        self._thread = threading.Thread(target=self._run, name="tui-follower", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def end(self) -> None:
        """Pass nothing on any more."""
        self._ended.set()

    @property
    def late(self) -> float:
        """Seconds for which an answer is overdue; negative: none is."""
        return time.monotonic() - self._due

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._follow()
            except HephaestusError as error:
                if not self._ended.is_set():
                    self._fail(error.message)
                self._ended.wait(_PAUSE)
            except RuntimeError:
                # the interface has ended and closed its client during a request
                if not self._ended.is_set():
                    raise

    def _follow(self) -> None:
        """Read on until the interface ends; raises at once if nothing answers."""
        self._due = time.monotonic()
        after = self._client.events("latest", patience=0.0).last_seq
        while not self._ended.is_set():
            self._due = time.monotonic()
            snapshot = take(self._client)
            self._due = time.monotonic() + _LONGEST
            if not self._ended.is_set():
                self._show(snapshot)
            # Events that follow each other make one snapshot, not one each.
            self._ended.wait(_REFRESH)
            after = self._client.events(after, wait=_LONGEST, patience=0.0).last_seq
