"""Sends bells to the workers over Celery, after the commit, in a thread of its own.

A lost bell costs the time until the next periodic pass, so bells are dropped while the broker is
down.
"""

import contextlib
import logging
import queue
import threading
from typing import Final

from celery import Celery
from kombu.exceptions import OperationalError

from hephaestus_core.bells import BROKER_KEY_PREFIX, Bell

_log = logging.getLogger(__name__)

#: Seconds after a send in which equal bells are merged: hundreds a second would make a worker read
#: the same rows.
_GATHER_SECONDS: Final = 0.1
#: Seconds for which bells are dropped after the broker did not answer.
_PAUSE_SECONDS: Final = 1.0
#: Time limit in seconds of one exchange with the broker.
_TIMEOUT_SECONDS: Final = 1.0
#: Seconds after which an unheard bell expires: the periodic pass has run.
_EXPIRY_SECONDS: Final = 60


class Doorbell:
    """A ringer for :class:`hephaestus_core.db.engine.Database`.

    Args:
        redis_url: the Celery broker.
        capacity: bells that may wait to be sent.
    """

    def __init__(self, redis_url: str, *, capacity: int = 2000) -> None:
        self._waiting: queue.Queue[Bell | None] = queue.Queue(capacity)
        self._celery = _sender(redis_url)
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

    def _send_all(self) -> None:
        while not self._closed.is_set():
            bells = self._next_bells()
            try:
                for bell in bells:
                    self._send(bell)
                self._closed.wait(_GATHER_SECONDS)
            except (OperationalError, OSError) as error:
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

    def _send(self, bell: Bell) -> None:
        self._celery.send_task(
            bell.name,
            args=bell.args,
            queue=bell.queue,
            expires=_EXPIRY_SECONDS,
            retry=False,
            ignore_result=True,
        )


def _sender(redis_url: str) -> Celery:
    celery = Celery("hephaestus", broker=redis_url, set_as_current=False)
    celery.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        broker_connection_retry=False,
        broker_transport_options={
            "global_keyprefix": BROKER_KEY_PREFIX,
            "socket_timeout": _TIMEOUT_SECONDS,
            "socket_connect_timeout": _TIMEOUT_SECONDS,
            "retry_on_timeout": False,
            "max_retries": 0,
        },
    )
    return celery
