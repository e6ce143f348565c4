from contextlib import suppress

from hephaestus_worker.host.keyed_locks import KeyedLocks


def test_a_refusal_is_found_once_by_the_one_that_holds_the_lock() -> None:
    locks = KeyedLocks()
    with locks.try_acquire("one", again=True) as mine, locks.try_acquire("one", again=True) as no:
        assert mine
        assert not no
    assert locks.take_refused("one")
    assert not locks.take_refused("one")


def test_nothing_is_kept_of_refusals_that_nobody_asks_for() -> None:
    locks = KeyedLocks()
    with locks.try_acquire("one"), locks.try_acquire("one") as mine:
        assert not mine
    assert not locks.take_refused("one")


def test_a_refusal_is_forgotten_with_a_block_that_broke_off() -> None:
    locks = KeyedLocks()
    with suppress(ValueError), locks.try_acquire("one", again=True):
        with locks.try_acquire("one", again=True) as mine:
            assert not mine
        raise ValueError
    assert not locks.held("one")
    assert not locks.take_refused("one")
