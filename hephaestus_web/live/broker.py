"""The broker as a sender of bells sees it."""

import redis
from celery import Celery
from flask import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from hephaestus_core.bells import MOST_WAITING, SENDER_OPTIONS, Bell
from hephaestus_core.doorbell import BrokerAway


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


def redis_state() -> str:
    """Return whether Redis answers this process: ``ok``, ``away`` or ``not configured``."""
    client: redis.Redis | None = current_app.extensions["redis"]
    if client is None:
        return "not configured"
    try:
        client.ping()
    except RedisError:
        return "away"
    return "ok"
