"""A host whose clock is an hour off works like any other, and hears for those that are gone."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scripts import task, write
from tests.e2e.second_host import SecondHost, second_host
from tests.e2e.stack import DEFINITION, Stack, git, running_stack
from tests.waiting import wait_until
from tests.wrong_clocks import shifted

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


def _statuses(stack: Stack) -> dict[str, str]:
    return {host.name: host.status for host in stack.sdk.client.hosts()}
