"""The thread that follows the event log for the terminal interface."""

import threading
import time
from collections.abc import Callable

from hephaestus_sdk.api.views import Event
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.errors import HephaestusError
from hephaestus_sdk.tui.snapshot import Snapshot, take
from hephaestus_sdk.waiting.events import EventCursor

#: Least seconds between two snapshots.
_REFRESH = 0.5
#: Seconds of pause after a failed request.
_PAUSE = 1.0

Show = Callable[[Snapshot, list[Event]], None]


class Follower:
    """Reads a snapshot after events, and passes both on.

    Args:
        client: the API.
        show: called on this follower's thread with each new snapshot and its events.
        fail: called with a message when the API does not answer.
    """

    def __init__(self, client: HephaestusClient, show: Show, fail: Callable[[str], None]) -> None:
        self._client = client
        self._show = show
        self._fail = fail
        self._ended = threading.Event()
        # A daemon thread: a long-poll must not delay the end of the program.
        self._thread = threading.Thread(target=self._run, name="tui-follower", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def end(self) -> None:
        """Pass nothing on any more."""
        self._ended.set()

    def _run(self) -> None:
        cursor = EventCursor(self._client)
        while not self._ended.is_set():
            try:
                cursor.skip()
                self._hand_on(take(self._client), [])
                self._follow(cursor)
            except HephaestusError as error:
                if not self._ended.is_set():
                    self._fail(error.message)
                self._ended.wait(_PAUSE)
            except RuntimeError:
                # the interface has ended and closed its client during a request
                if not self._ended.is_set():
                    raise

    def _follow(self, cursor: EventCursor) -> None:
        unseen: list[Event] = []
        seen_at = time.monotonic()
        for batch in cursor.batches(longest=lambda: _REFRESH if unseen else 25.0):
            if self._ended.is_set():
                return
            unseen.extend(batch)
            if unseen and time.monotonic() - seen_at >= _REFRESH:
                self._hand_on(take(self._client), list(unseen))
                unseen.clear()
                seen_at = time.monotonic()

    def _hand_on(self, snapshot: Snapshot, events: list[Event]) -> None:
        if not self._ended.is_set():
            self._show(snapshot, events)
