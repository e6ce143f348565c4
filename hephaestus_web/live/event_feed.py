"""The feed of new events in this process: read once from the log, given to all waiting clients.

One thread listens to the database on one connection. It reads new events at a notification, and
periodically in case a notification is lost. Waiting clients cost the database nothing.
"""

import logging
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import takewhile
from typing import Any, Final
from uuid import UUID

import psycopg2
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import CHANNEL, EventView, last_seq, read_after

_log = logging.getLogger(__name__)

#: Most events of one read.
_BATCH: Final = 500
#: Seconds between two reads: a small delay for clients, so that many commits cost few reads.
_PAUSE_SECONDS: Final = 0.05
#: Seconds between two tries to reach the database.
_RETRY_SECONDS: Final = 0.5

Follower = Callable[[list[EventView]], None]


class EventFeed:
    """Follows the log from its start on.

    Args:
        database: the database with the log.
        remembered: number of newest events in memory.
        check_seconds: seconds after which the log is read even without a notification.
    """

    def __init__(
        self, database: Database, *, remembered: int = 2000, check_seconds: float = 3.0
    ) -> None:
        self._database = database
        self._check_seconds = check_seconds
        self._recent: deque[EventView] = deque(maxlen=remembered)
        self._changed = threading.Condition()
        self._newest = 0
        #: Number of the newest event that is not in memory.
        self._reaches_back_to = sys.maxsize
        self._turns = 0
        self._begun = False
        self._closed = threading.Event()
        self._followers: list[Follower] = []
        self._thread = threading.Thread(target=self._follow, name="event-feed", daemon=True)

    def start(self) -> None:
        """Start to follow the log; returns at once, even if the database is down."""
        self._thread.start()

    def close(self) -> None:
        """End all waits now. Safe to call from a signal handler, and twice."""
        self._closed.set()
        # In a thread: the interrupted one may hold the lock.
        threading.Thread(target=self._wake, daemon=True).start()

    def pause(self, seconds: float) -> bool:
        """Wait; returns False at once when the feed is closed."""
        return not self._closed.wait(seconds)

    def tell(self, follower: Follower) -> None:
        """Call ``follower`` with each batch of new events, in order, on the feed's thread."""
        self._followers.append(follower)

    @property
    def newest(self) -> int:
        """Number of the newest event in memory."""
        return self._newest

    def mark(self) -> int | None:
        """Return what changes while the log is followed or looked for; None once it is closed."""
        return None if self._closed.is_set() else self._turns

    def latest(self) -> int:
        """Return the number of the newest event in the log."""
        with self._database.reading() as session:
            return last_seq(session)

    def read(
        self, after: int, *, limit: int, wait: float, workflow_id: UUID | None = None
    ) -> tuple[list[EventView], int]:
        """Return events after ``after``, and the number for the next call.

        A call without a wait reads the log, so callers see their own changes. A call that waits is
        served from memory, which costs the database nothing.

        Args:
            wait: seconds to wait for an event; :meth:`close` ends the wait.
        """
        deadline = time.monotonic() + wait
        known = self._newest
        read = self._from_memory if wait else self._from_log
        events = read(after, limit, workflow_id)
        while not events and self._await_newer(known, deadline):
            start, known = max(after, known), self._newest
            events = self._from_memory(start, limit, workflow_id)
        return events, events[-1].seq if events else max(after, known)

    def _await_newer(self, known: int, deadline: float) -> bool:
        """Wait for an event after ``known``; False at the deadline."""
        with self._changed:
            while self._newest <= known and not self._closed.is_set():
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            return self._newest > known and not self._closed.is_set()

    def _from_log(self, after: int, limit: int, workflow_id: UUID | None) -> list[EventView]:
        with self._database.reading() as session:
            return read_after(session, after, limit=limit, workflow_id=workflow_id)

    def _from_memory(self, after: int, limit: int, workflow_id: UUID | None) -> list[EventView]:
        with self._changed:
            if after >= self._reaches_back_to:
                newest_first = takewhile(lambda event: event.seq > after, reversed(self._recent))
                newer = [e for e in newest_first if workflow_id in (None, e.workflow_id)]
                return newer[::-1][:limit]
        return self._from_log(after, limit, workflow_id)

    def _follow(self) -> None:
        while not self._closed.is_set():
            self._turns += 1
            try:
                self._listen()
            except (SQLAlchemyError, psycopg2.Error) as error:
                _log.warning("event feed lost the database: %s", str(error).splitlines()[0])
                self._closed.wait(_RETRY_SECONDS)

    def _listen(self) -> None:
        connection = self._database.engine.raw_connection()
        raw: Any = connection.driver_connection
        # Detached: a listening connection must not return to the pool.
        connection.detach()
        try:
            raw.autocommit = True
            raw.cursor().execute(f"LISTEN {CHANNEL}")
            self._begin()
            readable = select.poll()
            readable.register(raw.fileno(), select.POLLIN)
            while not self._closed.is_set():
                self._turns += 1
                self._catch_up()
                # Under load one read answers the notifications of many commits.
                self._closed.wait(_PAUSE_SECONDS)
                readable.poll(self._check_seconds * 1000)
                raw.poll()
                raw.notifies.clear()
        finally:
            raw.close()

    def _begin(self) -> None:
        # Only at the start: after a lost connection the feed goes on where it was.
        if not self._begun:
            with self._database.reading() as session:
                start = last_seq(session)
            with self._changed:
                self._newest = self._reaches_back_to = start
            self._begun = True

    def _catch_up(self) -> None:
        while batch := self._from_log(self._newest, _BATCH, None):
            with self._changed:
                overflow = len(self._recent) + len(batch) - (self._recent.maxlen or 0)
                if overflow > 0:
                    self._reaches_back_to = [*self._recent, *batch][overflow - 1].seq
                self._recent.extend(batch)
                self._newest = batch[-1].seq
                self._changed.notify_all()
            self._hand_on(batch)
            if len(batch) < _BATCH:
                return

    def _hand_on(self, batch: list[EventView]) -> None:
        for follower in self._followers:
            try:
                follower(batch)
            except Exception:
                _log.exception("a follower of events failed")

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def install(app: Flask, feed: EventFeed) -> None:
    """Make it reachable from requests by :func:`event_feed`."""
    app.extensions["hephaestus.feed"] = feed


def event_feed() -> EventFeed:
    """Return that of the application that handles this request."""
    found: EventFeed = current_app.extensions["hephaestus.feed"]
    return found
