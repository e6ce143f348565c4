"""Follows the event log through the SDK during fault injection."""

import threading

from hephaestus_sdk.api.views import Event
from tests.e2e.stack import Stack
from tests.waiting import wait_until


class Recorder:
    """Reads all events from the first on, like a client, in its own thread."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._last = stack.one("SELECT coalesce(max(seq), 0) FROM events")
        self._start = self._last
        self.events: list[Event] = []
        self.fault: Exception | None = None
        self._thread = threading.Thread(target=self._follow, name="recorder", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Check that the events read match the table: none lost, repeated or reordered."""
        # A final event shows that all earlier events have been read.
        self._stack.sdk.client.drain_host("one", drain=True)
        self._stack.sdk.client.drain_host("one", drain=False)
        wait_until(lambda: not self._thread.is_alive(), timeout=15, what="the last event is read")
        query = "SELECT seq, type FROM events WHERE seq > :after AND seq <= :last ORDER BY seq"
        assert self.fault is None, f"the reader failed: {self.fault!r}"
        last = self.events[-1].seq
        written = self._stack.rows(query, after=self._start, last=last)
        assert [(e.seq, e.type) for e in self.events] == [(r["seq"], r["type"]) for r in written]

    def _follow(self) -> None:
        try:
            for event in self._stack.sdk.events(self._start):
                self.events.append(event)
                if event.type == "host.drained":
                    return
        except Exception as error:
            self.fault = error
