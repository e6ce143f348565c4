"""Starts that wait for a first clone leave threads for other work, and no waiting agent is lost."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.bells import Bell, CeleryTaskName, start_bell
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.host.machine import STARTS_AT_ONCE, Machine
from hephaestus_worker.passes.reconcile import reconcile
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

#: More agents than can start at once, but no more than the host has slots.
TASKS = STARTS_AT_ONCE + 2


@pytest.fixture
def gate(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that lets the server of the workflow's repository answer, once it exists."""
    opened = tmp_path / "opened"
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\nuntil [ -e {opened} ]; do sleep 0.02; done\nexit 1\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))
    order = LaunchOrder(definition_id=host.engine.define(), repository="ssh://slow.example/big")
    host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id
    yield opened
    opened.touch()


def in_threads(worker: Machine, claimed: list[AgentView]) -> list[threading.Thread]:
    """Start every agent in threads, as the worker does."""
    threads = [threading.Thread(target=start_agent, args=(worker, a.id)) for a in claimed]
    for thread in threads:
        thread.start()
    return threads


def started(host: Host) -> list[Bell]:
    """Return the bells that start agents."""
    return [bell for bell in host.rung if bell.name == CeleryTaskName.START_AGENT]


def test_starts_leave_threads_to_all_other_work(host: Host, gate: Path) -> None:
    worker = host.worker()
    claimed = [host.claim("sleep: 1") for _ in range(TASKS)]

    threads = in_threads(worker, claimed)

    def alive() -> int:
        return sum(thread.is_alive() for thread in threads)

    wait_until(lambda: alive() == STARTS_AT_ONCE, what="two have found no place")
    waiting = [a for a, t in zip(claimed, threads, strict=True) if not t.is_alive()]
    assert {host.agent(a.id).status for a in waiting} == {"starting"}

    gate.touch()
    for thread in threads:
        thread.join()

    assert len(started(host)) == len(waiting)
    assert set(started(host)) == {start_bell("a", agent.id) for agent in waiting}
    host.rung.clear()
    reconcile(worker)
    assert set(started(host)) >= {start_bell("a", agent.id) for agent in waiting}


def test_an_agent_that_found_no_place_is_started_by_its_next_bell(host: Host) -> None:
    worker = host.worker()
    agent = host.claim("sleep: 100")
    rung: list[UUID] = []
    with ExitStack() as others:
        for _ in range(STARTS_AT_ONCE):
            others.enter_context(worker.starts.try_acquire(uuid4(), rung.append))
        start_agent(worker, agent.id)
        assert host.agent(agent.id).status == "starting"
        assert worker.tmux.sessions() == {}
    assert rung == [agent.id]

    start_agent(worker, agent.id)
    assert host.agent(agent.id).status == "working"
    assert started(host) == [], "nobody waits any more"
