"""Agents whose stack is gone end after a while, with their work saved: real processes."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.caretaker import Silence
from hephaestus_worker.host.caretaking import ensure_caretaker, sole_caretaker
from hephaestus_worker.terminal.process_tree import processes_of
from tests.integration.host.conftest import Host
from tests.integration.host.worker_processes import Worker, Workers
from tests.waiting import wait_until

PATIENCE = 60.0
STUBBORN = "run: \"trap '' TERM; touch waits; until [ -e never ]; do sleep 0.05; done\""


@pytest.fixture
def working(host: Host) -> AgentView:
    """An agent that has written a file, and ignores requests to end."""
    agent = host.claim("write: {path: made, content: made}", STUBBORN)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "waits")
    return host.agent(agent.id)


def started(host: Host, workers: Workers, **settings: Any) -> Worker:
    """Start the worker of the host and wait for its caretaker."""
    given = {"host_name": "a", "heartbeat_seconds": 0.5, "lease_seconds": 600, **settings}
    worker = workers.start(host.settings.home, **given).wait_until_it_works()
    wait_until(lambda: has_caretaker(host), timeout=PATIENCE, what="the caretaker is there")
    return worker


def has_caretaker(host: Host) -> bool:
    with sole_caretaker(host.settings.home) as free:
        return not free


def said(host: Host) -> str:
    return HomeLayout(host.settings.home).caretaker_log.read_text()


def wait_for_line(host: Host, line: str, *, times: int = 1) -> None:
    """Wait until the caretaker's log has the line so many times."""
    wait_until(lambda: said(host).count(line) == times, timeout=PATIENCE, what=line)


def deleted(home: Path) -> bool:
    """Delete a folder in which processes may still create files."""
    shutil.rmtree(home, ignore_errors=True)
    return not home.exists()


def runs(agent: AgentView) -> bool:
    return bool(processes_of(str(agent.id)))


def wait_for_end(host: Host, agent: AgentView) -> None:
    wait_until(lambda: not runs(agent), timeout=PATIENCE, what="the agent has ended")
    wait_until(lambda: not has_caretaker(host), timeout=PATIENCE, what="the caretaker has ended")


def test_agents_end_and_their_work_is_found_by_the_next_worker(
    host: Host, workers: Workers, working: AgentView
) -> None:
    started(host, workers, orphan_minutes=0.05).kill()
    wait_for_end(host, working)
    assert f"work_saved worktree={host.worktree(working.id)} commit=" in said(host)
    assert host.worker().tmux.sessions() == {}

    started(host, workers)
    over = lambda: host.agent(working.id).ended_at is not None  # noqa: E731
    wait_until(over, timeout=PATIENCE, what="the next worker has found it")
    assert host.origin.show(working.branch, "made") == "made"
    ended = host.agent(working.id)
    assert (ended.failure_class, ended.failure_reason) == (
        "transient",
        "it was without a stack for too long, so it was ended and its work saved",
    )
    assert tasks.get_task(host.engine.db, working.task_id).attempt == 1


def test_agents_survive_a_restart_of_their_worker(
    host: Host, workers: Workers, working: AgentView
) -> None:
    before = host.worker().tmux.sessions()
    assert before
    for number in range(3):
        worker = started(host, workers, orphan_minutes=5)
        wait_for_line(host, "outcome=a worker is back", times=number)
        if number < 2:
            worker.kill()
            wait_for_line(host, "worker_gone", times=number + 1)
    assert host.worker().tmux.sessions() == before
    assert runs(working)


def test_agents_that_a_person_keeps_are_not_ended(
    host: Host, workers: Workers, working: AgentView
) -> None:
    worker = started(host, workers, orphan_minutes=0.02)
    kept = HomeLayout(host.settings.home).kept_agents_file
    kept.touch()
    worker.kill()
    wait_for_line(host, "worker_gone")
    started(host, workers)
    wait_for_line(host, "outcome=a worker is back")
    assert runs(working)
    assert not kept.exists(), "that was until this start"


def test_agents_end_whose_home_was_deleted(
    host: Host, workers: Workers, working: AgentView
) -> None:
    worker = started(host, workers, orphan_minutes=0.05)
    worker.kill()
    wait_until(lambda: deleted(host.settings.home), timeout=PATIENCE, what="the home is deleted")
    wait_until(lambda: not runs(working), timeout=PATIENCE, what="the agent has ended")
    wait_until(lambda: host.worker().tmux.sessions() == {}, timeout=PATIENCE, what="tmux ended")


def test_a_caretaker_ends_with_the_last_agent_and_there_is_one(
    host: Host, workers: Workers
) -> None:
    worker = started(host, workers)
    ensure_caretaker(host.settings.home)
    worker.kill()
    wait_until(lambda: not has_caretaker(host), timeout=PATIENCE, what="the caretaker has ended")
    assert said(host).count("worker_gone") == 1
    assert "no agent is left" in said(host)


def test_a_caretaker_that_was_killed_is_replaced(host: Host, workers: Workers) -> None:
    started(host, workers)
    caretakers = [
        process
        for process in workers.all[-1].children()
        if "hephaestus_worker.caretaker" in process.cmdline()
    ]
    for process in caretakers:
        process.kill()
        process.wait()
    assert caretakers
    wait_until(lambda: has_caretaker(host), timeout=PATIENCE, what="there is another one")


def test_a_pause_counts_no_more_than_a_look() -> None:
    now = [100.0]
    silence = Silence(lambda: now[0])
    for passed in (1.0, 1.0, 3600.0, 1.0):
        now[0] += passed
        silence.look()
    assert silence.seconds == 5.0, "an hour of pause counts two seconds"
    now[0] += 1.0
    assert silence.look(counts=False) == 5.0
    now[0] += 1.0
    assert silence.look() == 6.0
