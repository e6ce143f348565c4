"""A bell that reaches a stopping worker costs it no time: it is dropped, never put back."""

import contextlib

import kombu
import redis

from hephaestus_core.bells import BROKER_KEY_PREFIX, CONTROL_QUEUE
from hephaestus_worker import celeryconfig


def test_a_bell_that_no_consumer_takes_any_more_is_dropped(redis_url: str) -> None:
    receiving = kombu.Connection(
        redis_url,
        transport=celeryconfig.broker_transport,
        # It asks once, and Redis answers as soon as there is a bell.
        transport_options=celeryconfig.broker_transport_options | {"polling_interval": 60},
    )
    got: list[object] = []
    queue = kombu.Queue(CONTROL_QUEUE)
    consumer = kombu.Consumer(receiving, [queue], callbacks=[lambda *told: got.append(told)])
    consumer.consume()
    _ring(redis_url)
    receiving.drain_events(timeout=20)
    with contextlib.suppress(TimeoutError):
        receiving.drain_events(timeout=0.01)  # Redis is asked for the next one, and goes on waiting
    consumer.cancel()
    _ring(redis_url)
    receiving.release()
    assert len(got) == 1
    assert redis.Redis.from_url(redis_url).llen(BROKER_KEY_PREFIX + CONTROL_QUEUE) == 0


def _ring(redis_url: str) -> None:
    queue = kombu.Queue(CONTROL_QUEUE)
    options = {"global_keyprefix": BROKER_KEY_PREFIX}
    with kombu.Connection(redis_url, transport_options=options) as sending:
        sending.Producer().publish({}, routing_key=CONTROL_QUEUE, declare=[queue])
