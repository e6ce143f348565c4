"""A host that hears no bells goes round by itself, and more often while none can come."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from hephaestus_core.bells import CeleryTaskName
from hephaestus_worker.host import rounds
from hephaestus_worker.host.crew import Crew
from hephaestus_worker.host.hearing import Hearing
from hephaestus_worker.host.rounds import Rounds
from tests.waiting import wait_until

PASS = CeleryTaskName.RECONCILE_HOST
SHORT = CeleryTaskName.NOTIFY


@pytest.fixture
def stopping() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("cut_off", [False, True])
def test_only_a_host_that_is_cut_off_makes_passes_before_they_are_due(
    cut_off: bool, stopping: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "_LOOK_SECONDS", 0.01)
    done: Counter[str] = Counter()
    crew = Crew(lambda name, _: done.update([name]), threads=1)
    crew.start()
    Rounds(crew, {PASS: 1000.0, SHORT: 0.01}, cut_off=lambda: cut_off, stopping=stopping).start()
    wait_until(lambda: done[SHORT] >= 3, timeout=30, what="the host goes round")
    crew.close(5)
    assert (done[PASS] > 0) is cut_off


def test_a_host_is_cut_off_from_a_refused_knock_to_the_next_bell() -> None:
    taken = False
    hearing = Hearing(lambda: taken, patience=0.0)
    assert not hearing.cut_off()
    hearing.check()
    wait_until(hearing.cut_off, timeout=30, what="the broker refused")
    hearing.note()
    assert not hearing.cut_off()
    taken = True
    hearing.check()
    wait_until(lambda: hearing.mark() is not None, timeout=30, what="the broker took a knock")
    assert not hearing.cut_off()
