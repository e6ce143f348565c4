"""The broker as a sender of bells sees it."""

from typing import Final

import redis
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from hephaestus_core.bells import MOST_WAITING, SENDER_OPTIONS, Bell
from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.doorbell import BrokerAway
from hephaestus_core.settings.config import Settings

#: Seconds for an answer about streams, some of which are waited for on purpose.
_STREAM_SECONDS: Final = 10.0


class Broker:
    """Takes bells for the workers. One thread at a time.

    Args:
        redis_url: the Celery broker.
    """

    def __init__(self, redis_url: str) -> None:
        self._celery = Celery("hephaestus", broker=redis_url, set_as_current=False)
        self._celery.conf.update(
            task_serializer="json",
            accept_content=["json"],
            task_ignore_result=True,
            broker_connection_retry=False,
            broker_transport_options=SENDER_OPTIONS,
        )

    def send(self, bell: Bell) -> None:
        """Give the broker a bell. A queue that is full holds enough: the bell is left out.

        Raises:
            BrokerAway: the broker did not answer within about a second.
        """
        try:
            with self._celery.producer_or_acquire() as producer:
                queue = producer.channel.queue_declare(bell.queue, durable=True)
                if queue.message_count < MOST_WAITING:
                    self._celery.send_task(
                        bell.name,
                        args=bell.args,
                        queue=bell.queue,
                        retry=False,
                        ignore_result=True,
                        producer=producer,
                    )
        except (OperationalError, RedisError, OSError) as error:
            raise BrokerAway(str(error)) from error


def broker_url(settings: Settings) -> str:
    """Return the URL of the broker.

    Raises:
        ConfigurationError: none is set.
    """
    if settings.redis_url is None:
        raise ConfigurationError(
            "No redis_url is set; set HEPHAESTUS_REDIS_URL or run `hephaestus up`."
        )
    return settings.redis_url


def streams_of(redis_url: str) -> redis.Redis:
    """Return a client of the broker's server that reads and writes streams; it connects later."""
    return redis.Redis.from_url(redis_url, socket_timeout=_STREAM_SECONDS, socket_connect_timeout=1)
