"""Sends bells in a thread of its own, so that nobody waits for the broker.

A lost bell costs the time until the next periodic pass, so bells are dropped while the broker is
away.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from typing import Final

from hephaestus_core.bells import Bell

_log = logging.getLogger(__name__)

#: Seconds after a send in which equal bells are merged: hundreds a second would make a worker read
#: the same rows.
_GATHER_SECONDS: Final = 0.1
#: Seconds for which bells are dropped after the broker did not answer.
_PAUSE_SECONDS: Final = 1.0
#: Seconds after which a sender that does not go on hangs: a bell takes about one at most.
HANGING_SECONDS: Final = 30.0


class BrokerAway(Exception):
    """The broker does not take bells at present."""


class Doorbell:
    """A ringer for :class:`hephaestus_core.db.engine.Database`.

    Args:
        send: gives one bell to the broker, in bounded time, or raises BrokerAway.
        capacity: bells that may wait to be sent.
    """

    def __init__(self, send: Callable[[Bell], None], *, capacity: int = 2000) -> None:
        self._send = send
        self._waiting: queue.Queue[Bell | None] = queue.Queue(capacity)
        self._tries = 0
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._send_all, name="doorbell", daemon=True)

    def start(self) -> None:
        """Start the thread; call this in the process that serves, after any fork."""
        self._thread.start()

    def close(self) -> None:
        """Stop the thread; queued bells are dropped."""
        self._closed.set()
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)

    def __call__(self, bells: list[Bell]) -> None:
        """Queue bells; they are dropped if the queue is full. Never blocks, never raises."""
        for bell in bells:
            try:
                self._waiting.put_nowait(bell)
            except queue.Full:
                return

    def mark(self) -> int | None:
        """Return what changes while bells are sent or dropped; None while none waits."""
        waits = self._waiting.qsize() and not self._closed.is_set()
        return self._tries if waits else None

    def _send_all(self) -> None:
        while not self._closed.is_set():
            bells = self._next_bells()
            try:
                for bell in bells:
                    self._tries += 1
                    self._send(bell)
                self._closed.wait(_GATHER_SECONDS)
            except BrokerAway as error:
                _log.warning("bells dropped, the broker is away: %s", error)
                self._closed.wait(_PAUSE_SECONDS)
                self._take_waiting()

    def _next_bells(self) -> list[Bell]:
        """Wait for a bell; return it and all queued ones, each once."""
        taken = [self._waiting.get(), *self._take_waiting()]
        return [bell for bell in dict.fromkeys(taken) if bell is not None]

    def _take_waiting(self) -> list[Bell | None]:
        bells: list[Bell | None] = []
        while True:
            try:
                bells.append(self._waiting.get_nowait())
            except queue.Empty:
                return bells
