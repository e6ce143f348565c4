"""The crew of a host, with work that the test holds up."""

import logging
import threading
from collections.abc import Iterator

import pytest

from hephaestus_core.contract.errors import HephaestusError, RepositoryError
from hephaestus_worker.host.crew import Crew
from hephaestus_worker.terminal.tmux import TmuxSilent
from tests.waiting import wait_until


class Work:
    """Notes what is done, and holds it up until the gate is open."""

    def __init__(self) -> None:
        self.failures: dict[str, Exception] = {}
        self.done: list[str] = []
        self.begun = threading.Semaphore(0)
        self.gate = threading.Event()

    def __call__(self, name: str, ids: tuple[str, ...]) -> None:
        self.begun.release()
        assert self.gate.wait(10)
        if name in self.failures:
            raise self.failures[name]
        self.done.append(" ".join((name, *ids)))


@pytest.fixture
def work() -> Iterator[Work]:
    made = Work()
    yield made
    made.gate.set()


def test_equal_bells_that_wait_are_one_and_one_that_comes_meanwhile_is_another(work: Work) -> None:
    crew = Crew(work, threads=1)
    crew.start()
    crew.hear("look")
    assert work.begun.acquire(timeout=10)
    for _ in range(1000):
        crew.hear("look")
        crew.hear("end", "7")
    work.gate.set()
    wait_until(lambda: len(work.done) == 3, what="all is done")
    crew.close(10)
    assert work.done == ["look", "look", "end 7"]


def test_a_sweep_that_comes_too_soon_is_not_heard(work: Work) -> None:
    work.gate.set()
    crew = Crew(work, threads=1, apart={"sweep": 3600.0})
    crew.start()
    for _ in range(60):  # they have piled up in the broker, and arrive one by one
        crew.hear("sweep")
        wait_until(lambda: work.done, what="the first is done")
    crew.hear("look")
    wait_until(lambda: work.done[-1] == "look", what="all is done")
    assert work.done == ["sweep", "look"]


@pytest.mark.parametrize(
    "failure", [RepositoryError("the origin is away"), TmuxSilent("tmux did not answer")]
)
def test_work_that_cannot_be_done_now_costs_one_line_and_no_thread(
    work: Work, failure: HephaestusError, caplog: pytest.LogCaptureFixture
) -> None:
    work.failures["fails"] = failure
    work.gate.set()
    crew = Crew(work, threads=1)
    crew.start()
    with caplog.at_level(logging.INFO):
        crew.hear("fails")
        crew.hear("look")
        wait_until(lambda: work.done == ["look"], what="the next piece is done")
    [line] = [record.getMessage() for record in caplog.records if "work_" in record.getMessage()]
    assert failure.message in line
    assert "\n" not in line


def test_its_mark_changes_while_work_is_begun_and_stays_when_all_threads_hang(work: Work) -> None:
    crew = Crew(work, threads=2)
    crew.start()
    assert crew.mark() is None
    for name in ("a", "b"):
        crew.hear(name)
        assert work.begun.acquire(timeout=10)
    assert crew.mark() is None, "both are at work, and nothing waits"
    crew.hear("c")
    mark = crew.mark()
    assert mark == crew.mark() == 2
    work.gate.set()
    wait_until(lambda: len(work.done) == 3, what="the third is done")
    assert crew.mark() is None


def test_its_end_waits_for_the_work_at_hand_and_begins_no_more(work: Work) -> None:
    crew = Crew(work, threads=1)
    crew.start()
    crew.hear("a")
    assert work.begun.acquire(timeout=10)
    crew.hear("b")
    crew.close(0.0)
    work.gate.set()
    crew.close(10)
    assert work.done == ["a"]
