import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import cast
from uuid import uuid4

import redis

from hephaestus_core.terminals import wire
from hephaestus_web.live.screens import Screens, _html

ONE, TWO = uuid4(), uuid4()
HOSTS = {ONE: "a", TWO: "b"}


def test_each_client_gets_what_is_new_of_the_rows_it_has_in_view() -> None:
    screens = Screens(None)
    screens.watch("first", HOSTS)
    screens.watch("second", {TWO: "b"})
    assert screens._news({ONE: b"1", TWO: b"2"}) == {
        "first": {ONE: b"1", TWO: b"2"},
        "second": {TWO: b"2"},
    }
    assert screens._news({ONE: b"1", TWO: b"2"}) == {}
    screens.watch("first", {TWO: "b"})
    assert screens._news({ONE: b"3", TWO: b"4"}) == {
        "first": {TWO: b"4"},
        "second": {TWO: b"4"},
    }


def test_a_row_that_comes_into_view_again_is_sent_again() -> None:
    screens = Screens(None)
    screens.watch("first", HOSTS)
    screens._news({ONE: b"1"})
    screens.watch("first", {TWO: "b"})
    screens.watch("first", HOSTS)
    assert screens._news({ONE: b"1"}) == {"first": {ONE: b"1"}}


def test_whoever_leaves_or_has_nothing_in_view_is_forgotten() -> None:
    screens = Screens(None)
    screens.watch("first", HOSTS)
    screens.watch("second", HOSTS)
    screens.leave("first")
    screens.watch("second", {})
    screens.leave("never there")
    assert screens._views == {}


def test_what_anybody_wrote_to_redis_becomes_text_within_a_bound() -> None:
    assert _html(b"\x1b[31m<b>\xff") == '<span class="front-1">&lt;b&gt;\ufffd</span>'
    assert len(_html(b"x" * 100_000)) <= 6000


class Orders:
    """A Redis server that notes for which hosts screens are ordered."""

    def __init__(self) -> None:
        self.hosts: list[str] = []

    def pipeline(self, **_: object) -> AbstractContextManager["Orders"]:
        return nullcontext(self)

    def xadd(self, key: str, *_: object, **__: object) -> None:
        self.hosts.append(key)

    def expire(self, *_: object) -> None: ...
    def execute(self) -> None: ...

    def mget(self, keys: list[str]) -> list[None]:
        return [None for _ in keys]


class Handed(threading.Condition):
    """A lock that another thread gets as soon as it is free."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self._then = then

    def __exit__(self, *_: object) -> None:
        self.release()
        then, self._then = self._then, lambda: None
        then()


def test_a_row_that_comes_into_view_during_a_look_is_ordered_by_the_next_one() -> None:
    orders = Orders()
    screens = Screens(cast("redis.Redis", orders))
    screens.watch("first", {ONE: "a"})
    screens._changed = Handed(lambda: screens.watch("second", {TWO: "b"}))
    screens._look()
    screens._look()
    assert wire.orders_key("b") in orders.hosts
