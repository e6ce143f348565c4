"""Drain and rolling restart under load: nothing is lost, nothing is done twice, no agent ends."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.recorder import Recorder
from tests.e2e.second_host import SecondHost, second_host
from tests.e2e.stack import Stack, assert_settled, running_stack
from tests.e2e.workload import Workload
from tests.waiting import wait_until

#: Two workflows of so many parents, each with a child: the restarts happen while they run.
PARENTS = 8
ROUNDS = 2
#: The lease outlives a restart on a busy machine, so that no host is thought lost.
SETTINGS = {"heartbeat_seconds": 1.0, "lease_seconds": 60.0, "max_concurrent_agents": 6}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path, host="one", **SETTINGS) as running:
        yield running


@pytest.fixture
def two(stack: Stack, tmp_path: Path) -> Iterator[SecondHost]:
    with second_host(stack, tmp_path, **SETTINGS) as host:
        yield host


def hosts_of_agents(stack: Stack) -> dict[str, str]:
    return {row["id"]: row["host"] for row in stack.rows("SELECT id::text, host FROM agents")}


def working(stack: Stack, host: str) -> list[str]:
    query = "SELECT id::text FROM agents WHERE host = :host AND status = 'working'"
    return [row["id"] for row in stack.rows(query, host=host)]


def restart_one(stack: Stack) -> None:
    worker = stack.pid("worker")
    os.kill(worker, signal.SIGTERM)
    wait_until(lambda: stack.is_back("worker", worker), timeout=60, what="host one is back")


def restart_two(two: SecondHost) -> None:
    ready = two.home / "run" / "worker.ready"
    two.signal(signal.SIGTERM)
    two.process.wait(60)
    ready.unlink()
    two.start_again()
    wait_until(ready.exists, timeout=60, what="host two is back")


def assert_no_attempt_was_wasted(stack: Stack) -> None:
    """Check that each task had one attempt, which ended by itself."""
    ended = stack.rows("SELECT status, attempt, count(*) AS n FROM agents GROUP BY 1, 2")
    assert {(row["status"], row["attempt"]) for row in ended} == {("finished", 1)}, ended


def test_workers_restart_one_after_the_other_under_load(stack: Stack, two: SecondHost) -> None:
    recorder = Recorder(stack)
    work = Workload(stack, seconds=1.0).start(parents=PARENTS)
    for _ in range(ROUNDS):
        for host, restart in (
            ("one", lambda: restart_one(stack)),
            ("two", lambda: restart_two(two)),
        ):
            work.go_on(at_least=PARENTS)
            before = wait_until(lambda h=host: working(stack, h), timeout=60, what="agents work")
            restart()
            print(f"{host} restarted with {len(before)} agents at work")
    work.wait(180)
    work.check()
    recorder.check()
    assert set(hosts_of_agents(stack).values()) == {"one", "two"}
    assert_no_attempt_was_wasted(stack)
    assert_settled(stack)


def test_a_drained_host_claims_nothing_and_its_agents_go_on(stack: Stack, two: SecondHost) -> None:
    work = Workload(stack, seconds=1.0).start(parents=PARENTS)
    wait_until(lambda: working(stack, "two"), timeout=60, what="agents work on host two")
    stack.sdk.client.drain_host("two", drain=True)
    before = hosts_of_agents(stack)

    # Its worker is restarted as soon as the host is empty, as an upgrade does it.
    live = "SELECT id FROM agents WHERE host = 'two' AND released_at IS NULL"
    wait_until(lambda: not stack.rows(live), timeout=60, what="host two is empty")
    restart_two(two)
    [still] = [host for host in stack.sdk.client.hosts() if host.name == "two"]
    assert still.draining, "a restart does not end the draining"
    claimed = {a for a, h in hosts_of_agents(stack).items() if h == "two"} - before.keys()
    assert claimed == set()

    stack.sdk.client.drain_host("two", drain=False)
    work.go_on(at_least=PARENTS)
    wait_until(lambda: working(stack, "two"), timeout=60, what="host two claims again")
    work.wait(180)
    work.check()
    assert_no_attempt_was_wasted(stack)
    assert_settled(stack)
