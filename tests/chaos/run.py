"""One chaos run: a stack, a second host, tasks, faults, and the account at the end."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.chaos.account import Account
from tests.chaos.network import network_to
from tests.chaos.storm import Storm
from tests.chaos.work import ChaosWork
from tests.e2e.recorder import Recorder
from tests.e2e.second_host import second_host
from tests.e2e.stack import Stack, running_stack
from tests.small_disk import small_disk
from tests.waiting import wait_until
from tests.wrong_clocks import WrongClock

_DISK_BYTES = 400_000_000
_REPORT_SECONDS = 20.0
#: An unwell host tries a start at most so many seconds after the last one.
_HEALING_SECONDS = 150.0
#: Differences of each kind that are printed.
_MOST_TOLD = 20
#: The shares of the tasks that are created before the faults, and after them.
_BEFORE = 0.4
_AFTER = 0.2


@dataclass(frozen=True)
class Plan:
    """What a run is to be.

    Args:
        minutes: how long the faults strike.
        agents: the most at once, half of them on each host.
        shortest, longest: seconds that an agent lives.
        pauses, lasting: seconds between two faults, and of a fault that lasts; least and most.
        lease_seconds: of silence, after which a host counts as lost.
    """

    minutes: float
    tasks: int
    seed: int
    agents: int
    shortest: float = 5.0
    longest: float = 60.0
    pauses: tuple[float, float] = (2.0, 10.0)
    lasting: tuple[float, float] = (3.0, 20.0)
    lease_seconds: float = 8.0

    @property
    def slots(self) -> int:
        return max(1, self.agents // 2)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of both hosts."""
        return {
            "heartbeat_seconds": 1.0,
            "lease_seconds": self.lease_seconds,
            "reconcile_seconds": 2.0,
            "max_concurrent_agents": self.agents,
            "host_slots": self.slots,
        }


def run(folder: Path, plan: Plan) -> Account:
    """Do one run, print how it goes, and return what was found at its end."""
    began = time.monotonic()
    with running_stack(folder, **plan.settings) as stack, _storm(stack, folder, plan) as storm:
        recorder = Recorder(stack)
        rng = random.Random(f"{plan.seed} work")
        work = ChaosWork(stack, rng=rng, shortest=plan.shortest, longest=plan.longest)
        work.begin(plan.tasks).hand_in(1 - _BEFORE)
        wait_until(lambda: _hosts_at_work(stack) > 1, timeout=60, what="both hosts work")
        with _reports(stack):
            moments = _blow(storm, work, plan.minutes * 60)
            print(f"calm after {time.monotonic() - began:.0f} s", flush=True)
            _wait_until_well(stack)
            work.hand_in(0)
            work.settle()
        account = Account(stack, storm.second, work, plan.slots)
        account.compare(recorder)
        account.compare_hosts(moments)
        _tell(account, storm, time.monotonic() - began)
    return account


def _blow(storm: Storm, work: ChaosWork, seconds: float) -> list[datetime]:
    """Let the faults strike, and hand in tasks meanwhile.

    Returns when the first fault struck and when the last one was over, by the database's clock.
    """
    begun, until = storm.stack.one("SELECT now()"), time.monotonic() + seconds
    handing_in = threading.Thread(
        target=work.hand_in_until, args=(until,), kwargs={"share": _AFTER}
    )
    handing_in.start()
    storm.blow(until)
    handing_in.join()
    return [begun, _patiently(lambda: storm.stack.one("SELECT now()"))]


def _hosts_at_work(stack: Stack) -> int:
    return int(stack.one("SELECT count(DISTINCT host) FROM agents WHERE status = 'working'"))


def _wait_until_well(stack: Stack) -> None:
    """Give both hosts the time to recover; an account at the end names one that did not."""
    query = (
        "SELECT count(*) FROM hosts WHERE status = 'active' AND NOT EXISTS "
        "(SELECT FROM host_faults WHERE host = name AND host_faults.status = 'unwell')"
    )
    with suppress(AssertionError):
        wait_until(lambda: stack.one(query) > 1, timeout=_HEALING_SECONDS, what="both are well")


def _patiently(ask: Callable[[], Any]) -> Any:
    """Ask until the database, which may be on its way back, answers."""
    answers: list[Any] = []

    def answered() -> bool:
        with suppress(Exception):
            answers.append(ask())
        return bool(answers)

    wait_until(answered, timeout=90, what="the database answers")
    return answers[0]


@contextmanager
def _reports(stack: Stack) -> Iterator[None]:
    """Print during the block how the tasks stand."""
    over = threading.Event()
    thread = threading.Thread(target=_report, args=(stack, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _report(stack: Stack, over: threading.Event) -> None:
    tasks = "SELECT status AS name, count(*) AS n FROM tasks GROUP BY 1 ORDER BY 1"
    agents = "SELECT host AS name, count(*) AS n FROM agents WHERE ended_at IS NULL GROUP BY 1"
    while not over.wait(_REPORT_SECONDS):
        try:
            told = [{row["name"]: row["n"] for row in stack.rows(q)} for q in (tasks, agents)]
        except Exception as error:  # the database may be down at this very moment
            told = [{"no answer": type(error).__name__}]
        print(time.strftime("%H:%M:%S"), *told, flush=True)


def _tell(account: Account, storm: Storm, seconds: float) -> None:
    stack = account.stack
    for query, noun in (
        ("SELECT count(*) FROM tasks WHERE status = 'done'", "tasks done"),
        ("SELECT count(*) FROM agents", "attempts"),
        ("SELECT count(*) FROM agents WHERE resumes_id IS NOT NULL", "of them resumed"),
        ("SELECT count(*) FROM events WHERE type = 'agent.checkpointed'", "checkpoints"),
        ("SELECT count(*) FROM merges WHERE conflicts <> '[]'", "merges with conflicts"),
        ("SELECT count(*) FROM events", "events"),
    ):
        print(f"{stack.one(query):6} {noun}")
    print(f"{seconds:6.0f} s, with these faults:")
    for name, count in sorted(storm.struck.items()):
        print(f"{count:6} × {name}")
    for kind, differences in account.found.items():
        for difference in differences[:_MOST_TOLD]:
            print(f"{kind}: {difference}")
    print(", ".join(f"{len(found)} {kind}" for kind, found in account.found.items()), flush=True)


@contextmanager
def _storm(stack: Stack, folder: Path, plan: Plan) -> Iterator[Storm]:
    clock = WrongClock(folder / "clock")
    settings = {
        **plan.settings,
        # A host claims nothing while its disk is nearly full; this one is small.
        "least_free_bytes": _DISK_BYTES // 20,
        "least_free_inodes": 1_000,
    }
    log = folder / "second-worker.log"
    with (
        small_disk(folder / "disk", size=_DISK_BYTES, inodes=500_000) as disk,
        network_to(stack) as network,
        second_host(
            stack, disk.path, environ=clock.environ, log=log, **settings | network.settings
        ) as second,
    ):
        rng = random.Random(f"{plan.seed} storm")
        yield Storm(stack, second, disk, network, clock, rng, plan.pauses, plan.lasting)
