"""Permits for work on agents, and the line of those that were refused one."""

from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest

from hephaestus_worker.host.permits import Permits

ONE, TWO, THREE = (uuid4() for _ in range(3))


def refuse(permits: Permits, agent_id: UUID) -> None:
    with permits.try_acquire(agent_id, lambda _: None) as acquired:
        assert not acquired


def test_each_permit_given_back_rings_for_the_first_in_line() -> None:
    permits, rung = Permits(2), list[UUID]()
    with ExitStack() as held:
        for _ in range(2):
            assert held.enter_context(permits.try_acquire(uuid4(), rung.append))
        for each in (ONE, TWO, ONE, THREE):
            refuse(permits, each)
        assert rung == []
    assert rung == [ONE, TWO]
    with permits.try_acquire(ONE, rung.append) as acquired:
        assert acquired
    assert rung == [ONE, TWO, THREE]
    with permits.try_acquire(ONE, rung.append):
        pass
    assert rung == [ONE, TWO, THREE]


def test_an_agent_that_gets_a_permit_leaves_the_line() -> None:
    permits, rung = Permits(1), list[UUID]()
    first = permits.try_acquire(ONE, lambda _: None)
    assert first.__enter__()
    refuse(permits, TWO)
    refuse(permits, THREE)
    first.__exit__(None, None, None)  # rings for two
    with permits.try_acquire(THREE, rung.append) as acquired:
        assert acquired
    assert rung == []


def test_work_that_fails_gives_its_permit_back() -> None:
    permits, rung = Permits(1), list[UUID]()

    def fail() -> None:
        with permits.try_acquire(ONE, rung.append):
            refuse(permits, TWO)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rung == [TWO]
