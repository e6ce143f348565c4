"""The newest events of the log, in this process: read once, handed to everybody who waits.

One thread holds one connection that listens to the database. A notification makes it read what is
new, once, whoever waits; the periodic look finds what a lost notification missed. Waiting clients
cost the database nothing.
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

#: Events that one read takes from the log.
_BATCH: Final = 500
#: Seconds between two reads: what followers may wait longer, so that many commits cost few reads.
_PAUSE_SECONDS: Final = 0.05
#: Seconds between two attempts to reach a database that is away.
_RETRY_SECONDS: Final = 0.5

Follower = Callable[[list[EventView]], None]


class EventFeed:
    """Follows the log from the moment it is started.

    Args:
        database: where the log is.
        remembered: newest events kept in memory for those who wait.
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
        #: Of what is older only the log knows; before the feed has begun, of everything.
        self._reaches_back_to = sys.maxsize
        self._begun = False
        self._closed = threading.Event()
        self._followers: list[Follower] = []
        self._thread = threading.Thread(target=self._follow, name="event-feed", daemon=True)

    def start(self) -> None:
        """Begin to follow the log; returns at once, even when the database is away."""
        self._thread.start()

    def close(self) -> None:
        """End all waits now. Safe to call from a signal handler, and twice."""
        self._closed.set()
        # A thread of its own: the interrupted one might hold the lock.
        threading.Thread(target=self._wake, daemon=True).start()

    def pause(self, seconds: float) -> bool:
        """Wait; False, and at once, when all waits are to end."""
        return not self._closed.wait(seconds)

    def tell(self, follower: Follower) -> None:
        """Call ``follower`` with each batch of new events, in order, on the feed's thread."""
        self._followers.append(follower)

    @property
    def newest(self) -> int:
        """Number of the newest event that this process knows of."""
        return self._newest

    def latest(self) -> int:
        """Return the number of the newest event of the log itself."""
        with self._database.reading() as session:
            return last_seq(session)

    def read(
        self, after: int, *, limit: int, wait: float, workflow_id: UUID | None = None
    ) -> tuple[list[EventView], int]:
        """Return events after ``after``, and the number to ask after next time.

        Who does not wait reads the log, and so sees what they did themselves a moment ago. Who
        waits is told by the feed: a crowd that follows costs the database nothing.

        Args:
            wait: seconds to wait for one when there is none yet; cut short by :meth:`close`.
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
        """Say whether there are events after ``known`` before the deadline."""
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
            try:
                self._listen()
            except (SQLAlchemyError, psycopg2.Error) as error:
                _log.warning("event feed lost the database: %s", str(error).splitlines()[0])
                self._closed.wait(_RETRY_SECONDS)

    def _listen(self) -> None:
        connection = self._database.engine.raw_connection()
        raw: Any = connection.driver_connection
        # Out of the pool: it must not come back to it as a connection that listens.
        connection.detach()
        try:
            raw.autocommit = True
            raw.cursor().execute(f"LISTEN {CHANNEL}")
            self._begin()
            readable = select.poll()
            readable.register(raw.fileno(), select.POLLIN)
            while not self._closed.is_set():
                self._catch_up()
                # Under load, one read for the notifications of many commits.
                self._closed.wait(_PAUSE_SECONDS)
                readable.poll(self._check_seconds * 1000)
                raw.poll()
                raw.notifies.clear()
        finally:
            raw.close()

    def _begin(self) -> None:
        # Only the first time: after a lost connection the log is read from where it was left.
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
