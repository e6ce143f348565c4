"""How Celery receives from Redis; what is no message of Celery's does not end the worker."""

import contextlib
import logging
from typing import Any

from kombu.transport import redis

from hephaestus_core.logging import log_event

logger = logging.getLogger(__name__)


class Channel(redis.Channel):
    """A channel that drops what is no JSON, and never puts a bell back into its queue.

    Putting back waits for an answer of Redis. On a connection that a cut network left behind, a
    stopping worker waited 30 seconds for it; the next pass finds the bell's rows anyway.
    """

    do_restore = False

    def _restore(self, message: Any, leftmost: bool = False) -> None:
        """Drop a bell that came after the last consumer was cancelled."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # kombu's stubs lack it
        except (ValueError, RecursionError) as error:
            _tell(error)
            return True


class Transport(redis.Transport):
    """A transport that drops messages which have another shape than Celery's.

    Whoever may write to Redis may put anything there. A bell that is lost costs nothing.
    """

    Channel = Channel

    def _deliver(self, message: Any, queue: str | None) -> None:
        try:
            super()._deliver(message, queue)
        except Exception as error:  # each shape fails in a way of its own
            lost = (*self.connection_errors, *self.channel_errors)
            # kombu counts a KeyError among the errors of connections; here a key is missing.
            if isinstance(error, lost) and not isinstance(error, KeyError):
                raise
            _tell(error)
            self._forget(message)

    def _forget(self, message: Any) -> None:
        """Acknowledge a message that was received before it turned out to be unreadable."""
        properties = message.get("properties") if isinstance(message, dict) else None
        tag = properties.get("delivery_tag") if isinstance(properties, dict) else None
        if not isinstance(tag, str):
            return
        for channel in self.channels or ():
            with contextlib.suppress(KeyError):  # not received by this channel
                channel.qos.get(tag)
                channel.basic_ack(tag)


def _tell(error: Exception) -> None:
    kind = type(error).__name__
    log_event(logger, "bell_unreadable", level=logging.WARNING, reason=f"{kind}: {error}"[:300])
