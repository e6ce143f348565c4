"""Long work beside the crew: one piece for each subject, bounded, and ended in order."""

import threading
from uuid import UUID

import pytest

from hephaestus_worker.host.long_work import LongWork
from tests.waiting import wait_until

ONE, TWO = UUID(int=1), UUID(int=2)


def waits(stop: threading.Event) -> None:
    assert stop.wait(60)


def test_each_subject_has_one_piece_and_all_together_are_bounded() -> None:
    work = LongWork(most=1)
    assert work.begin(ONE, waits)
    assert not work.begin(ONE, waits)
    assert not work.begin(TWO, waits)
    assert (work.runs(ONE), work.runs(TWO)) == (True, False)
    work.close(60)
    assert not work.runs(ONE)


def test_what_is_not_wanted_any_more_is_ended() -> None:
    work, ended = LongWork(), threading.Event()
    work.begin(ONE, waits)
    work.begin(TWO, waits, then=ended.set)
    work.stop_others({ONE})
    assert ended.wait(60)
    assert (work.runs(ONE), work.runs(TWO)) == (True, False)
    assert work.stop(ONE)
    wait_until(lambda: not work.stop(ONE), what="it has ended")


def test_a_piece_that_fails_can_be_begun_again() -> None:
    def fails(_: threading.Event) -> None:
        raise OSError("no space")

    work, ended = LongWork(most=1), threading.Event()
    assert work.begin(ONE, fails, then=ended.set)
    assert ended.wait(60)
    assert work.begin(ONE, waits)
    work.close(60)


def test_a_piece_for_which_the_machine_has_no_thread_can_be_begun_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuses(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    work = LongWork(most=1)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuses)
        with pytest.raises(RuntimeError, match="new thread"):
            work.begin(ONE, waits)
    assert not work.stop(ONE)
    assert work.begin(ONE, waits)
    work.close(60)
