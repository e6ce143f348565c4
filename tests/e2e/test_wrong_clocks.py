"""A host whose clock is an hour off works like any other, and hears for those that are gone."""

import os
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.e2e.scripts import task, write
from tests.e2e.second_host import SecondHost, second_host
from tests.e2e.stack import DEFINITION, Stack, git, running_stack
from tests.waiting import wait_until
from tests.wrong_clocks import WrongClock, shifted

#: Short enough for a test, long enough for a busy machine.
SETTINGS = {"heartbeat_seconds": 1.0, "lease_seconds": 6.0, "max_concurrent_agents": 3}
HOUR = 3600.0


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path, host="one", **SETTINGS) as running:
        yield running


@pytest.fixture(params=[HOUR, -HOUR], ids=["ahead", "behind"])
def two(stack: Stack, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SecondHost]:
    """The second host: its clock is wrong, and so is that of everything it starts."""
    inherited = {k: v for k, v in shifted(request.param).items() if k not in os.environ}
    with second_host(stack, tmp_path, environ=inherited, **SETTINGS) as host:
        yield host


def test_a_host_with_a_wrong_clock_finds_the_other_lost_and_takes_its_work(
    stack: Stack, two: SecondHost, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    stack.sdk.client.drain_host("two")
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    held = stack.sdk.create_task_in_workflow(
        workflow,
        task(
            "Wait",
            f"run: 'until [ -e {gate} ]; do sleep 0.05; done'",
            write("it", "1"),
            "done: waited",
        ),
    )
    began = lambda: stack.sdk.get_task(held).status == "in_progress"  # noqa: E731
    wait_until(began, timeout=30, what="the other host works")
    told = lambda: {host.name: host.clock_wrong for host in stack.sdk.client.hosts()}  # noqa: E731
    wait_until(lambda: told() == {"one": False, "two": True}, what="the wrong clock is told")

    frozen = stack.pid("worker")
    os.kill(frozen, signal.SIGSTOP)
    try:
        stack.sdk.client.drain_host("two", drain=False)
        lost = lambda: _statuses(stack)["one"] == "lost"  # noqa: E731
        wait_until(lost, timeout=40, what="the host that is silent is lost")
        gate.touch()
        ended = stack.sdk.wait_for_task(held, timeout=60)
        assert (ended.status, ended.failure_reason) == ("done", None)
    finally:
        os.kill(frozen, signal.SIGCONT)
    wait_until(lambda: _statuses(stack)["one"] == "active", timeout=30, what="it is back")
    stack.sdk.wait_for_completion(workflow, timeout=30)
    assert git(stack.repository, "show", "main:it") == "1"


SILENCE_SECONDS = 40.0


@pytest.mark.timeout(300)
def test_a_clock_that_is_set_makes_no_agent_hang_and_hides_none_that_does(
    stack: Stack, tmp_path: Path
) -> None:
    clock = WrongClock(tmp_path / "clock")
    guarded = {**SETTINGS, "monitoring_interval": 1, "stuck_minutes": SILENCE_SECONDS / 60}
    with second_host(stack, tmp_path, environ=clock.environ, **guarded):
        stack.sdk.client.drain_host("one")
        workflow = stack.sdk.start_workflow(DEFINITION.id)
        text = task("Stall.", "stall:", "done: told to go on")
        task_id = stack.sdk.create_task_in_workflow(workflow, text, phase_id=1)
        began = wait_until(lambda: _running_at(stack), timeout=60, what="the agent works")
        _wait_for_sweeps(stack, 2)

        clock.turn(HOUR)
        _wait_for_sweeps(stack, 3)
        early = stack.one("SELECT now() - :began < interval '30 s'", began=began)
        assert not early or stack.sdk.interventions() == []
        assert not early or stack.one("SELECT verdict FROM agent_watches") == "working"

        clock.turn(-HOUR)
        ended = stack.sdk.wait_for_task(task_id, timeout=SILENCE_SECONDS + 60)
        assert (ended.status, ended.attempt) == ("done", 1)
        [act] = stack.sdk.interventions()
        assert (act.key, act.action) == ("hung", "steer")
        assert act.sent_at is not None
        assert (act.sent_at - began).total_seconds() >= SILENCE_SECONDS - 5


def _running_at(stack: Stack) -> datetime | None:
    found = stack.rows("SELECT running_at FROM agents WHERE status = 'working'")
    return found[0]["running_at"] if found else None


def _wait_for_sweeps(stack: Stack, count: int) -> None:
    query = "SELECT swept_at FROM hosts WHERE name = 'two'"
    for _ in range(count):
        before = stack.one(query)
        wait_until(lambda: stack.one(query) != before, timeout=30, what="a sweep ends")  # noqa: B023


def _statuses(stack: Stack) -> dict[str, str]:
    return {host.name: host.status for host in stack.sdk.client.hosts()}
