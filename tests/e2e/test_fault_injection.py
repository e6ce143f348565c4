"""Processes are killed at random moments while tasks run; each task is done exactly once."""

import os
import random
from collections.abc import Iterator

import pytest

from tests.e2e import faults
from tests.e2e.faults import Fault
from tests.e2e.recorder import Recorder
from tests.e2e.stack import Stack, assert_settled, running_stack
from tests.e2e.workload import Workload
from tests.waiting import wait_until

SEED = int(os.environ.get("FAULT_SEED", random.SystemRandom().randrange(1_000_000)))
#: The number of parents in each of two workflows; each creates one child, so there are 40 tasks.
PARENTS = 10


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all tests, because it must survive every fault."""
    with running_stack(tmp_path_factory.mktemp("faults"), max_concurrent_agents=6) as running:
        yield running


@pytest.mark.parametrize("fault", faults.ALL, ids=lambda fault: fault.name.replace(" ", "-"))
def test_every_task_is_done_exactly_once_in_spite_of(stack: Stack, fault: Fault) -> None:
    rng = random.Random(f"{SEED} {fault.name}")
    recorder = Recorder(stack)
    work = Workload(stack).start(parents=PARENTS)
    happened = _after_some(work, rng, fault)
    work.wait(120)
    work.check()
    recorder.check()
    assert_settled(stack)
    print(f"seed {SEED}: {fault.name} overcome after {happened:.1f} s")


def test_every_task_is_done_exactly_once_in_spite_of_everything(stack: Stack) -> None:
    rng = random.Random(f"{SEED} all")
    recorder = Recorder(stack)
    work = Workload(stack, seconds=1.0).start(parents=PARENTS)
    order = rng.sample(faults.ALL, len(faults.ALL))
    for fault in order:
        # Even a fast machine has work left for the last fault.
        work.go_on(at_least=PARENTS)
        happened = _after_some(work, rng, fault)
        print(f"seed {SEED}: {fault.name} overcome after {happened:.1f} s")
    work.wait(120)
    work.check()
    recorder.check()
    assert_settled(stack)


def _after_some(work: Workload, rng: random.Random, fault: Fault) -> float:
    """Inject the fault after a random number of further events; return the recovery time."""
    query = "SELECT coalesce(max(seq), 0) FROM events"
    target = work.stack.one(query) + rng.randrange(1, 30)
    wait_until(
        lambda: work.stack.one(query) >= target or work.is_done(),
        timeout=20,
        what="a few more events",
    )
    return fault.overcome(work.stack, rng)
