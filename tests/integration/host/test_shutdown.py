"""A host shuts down: its agents end even if other steps fail, and then their work is saved."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import AgentView
from hephaestus_core.db.engine import Database
from hephaestus_core.tasks import service as tasks
from hephaestus_sdk.runtime import ports
from hephaestus_worker import shutdown
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.git import locks
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.passes.reconcile import reconcile
from hephaestus_worker.terminal.process_tree import processes_of
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]

#: The script of an agent that ignores signals and runs until it is killed.
STUBBORN = "run: \"trap '' TERM; touch waits; until [ -e never ]; do sleep 0.05; done\""


@pytest.fixture
def working(host: Host) -> list[AgentView]:
    """Three agents that have written a file, oldest first."""
    made = [host.claim("write: {path: made, content: made}", STUBBORN) for _ in range(3)]
    for agent in made:
        start_agent(host.worker(), agent.id)
    for agent in made:
        host.wait_for_file(agent.id, "waits")
    return [host.agent(agent.id) for agent in made]


def assert_all_ended(host: Host, made: Sequence[AgentView]) -> None:
    assert processes_of(*(str(agent.id) for agent in made)) == []
    assert host.worker().tmux.sessions() == {}


def assert_saved(host: Host, agent: AgentView) -> None:
    assert host.origin.show(agent.branch, "made") == "made"
    assert tasks.get_task(host.engine.db, agent.task_id).status == "queued"
    assert host.agent(agent.id).failure_reason == "host a was shut down"
    assert not worktrees.is_made(host.worktree(agent.id))


def test_an_agent_that_cannot_be_saved_keeps_no_other_from_being_ended_and_saved(
    host: Host, working: list[AgentView], caplog: pytest.LogCaptureFixture
) -> None:
    oldest, *others = working
    record = host.worktree(oldest.id).with_name(f".{oldest.id}.worktree")
    record.unlink()
    record.mkdir()  # Reading it raises an unexpected OSError.

    shutdown.end_agents(host.worker())

    assert_all_ended(host, working)
    for agent in others:
        assert_saved(host, agent)
    assert host.agent(oldest.id).ended_at is None
    assert (host.worktree(oldest.id) / "made").exists()
    [failure] = [r for r in caplog.records if r.exc_info]
    assert failure.getMessage() == f"agent_not_saved agent_id={oldest.id}"


def test_agents_end_even_if_the_database_is_away(host: Host, working: list[AgentView]) -> None:
    away = Database(f"postgresql+psycopg2://nobody@127.0.0.1:{ports.choose()}/none")

    shutdown.end_agents(replace(host.worker(), db=away))

    assert_all_ended(host, working)
    assert all(worktrees.is_made(host.worktree(agent.id)) for agent in working)


def test_what_a_hurried_shutdown_leaves_is_saved_by_the_next_worker(
    host: Host, working: list[AgentView]
) -> None:
    shutdown.end_agents(host.worker(), hurried=True)

    assert_all_ended(host, working)
    assert all(worktrees.is_made(host.worktree(agent.id)) for agent in working)
    host.rung.clear()
    reconcile(host.worker())
    for name, agent_id in {(bell.name, *bell.args) for bell in host.rung if bell.args}:
        assert name == "agent.finish"
        finish_agent(host.worker(), UUID(agent_id))
    for agent in working:
        assert_saved(host, agent)
    assert hosting.agents_of(host.engine.db, "a") == []


def test_a_second_shutdown_ends_processes_but_saves_nothing_beside_the_first(
    host: Host, working: list[AgentView]
) -> None:
    environment = os.environ | {
        "HEPHAESTUS_HOME": str(host.settings.home),
        "HEPHAESTUS_HOST_NAME": "a",
        "HEPHAESTUS_DATABASE_URL": str(host.settings.database_url),
        "HEPHAESTUS_REDIS_URL": "redis://127.0.0.1:1/0",
    }
    command = [sys.executable, "-m", "hephaestus_worker.shutdown"]
    ids = [str(agent.id) for agent in working]
    first = locks.held(host.settings.home / "host" / "ending.lock", waiting_for="", timeout=0)
    with first:
        second = subprocess.Popen(command, env=environment, cwd=ROOT)
        wait_until(lambda: not processes_of(*ids), what="processes end at once")
        ended = [agent.id for agent in working if host.agent(agent.id).ended_at]
        assert ended == []
    assert second.wait(60) == 0

    for agent in working:
        assert_saved(host, agent)
    assert_all_ended(host, working)


def test_of_agents_that_are_not_saved_in_time_it_is_noted_why_they_ended(
    host: Host, working: list[AgentView]
) -> None:
    lock = host.settings.home / "host" / "ending.lock"
    with locks.held(lock, waiting_for="", timeout=0):  # The lock prevents saving.
        shutdown.end_agents(host.worker(), others_seconds=0.0)

    assert_all_ended(host, working)
    for agent in working:
        assert host.agent(agent.id).failure_reason == "host a was shut down"
        assert host.agent(agent.id).ended_at is None
        assert worktrees.is_made(host.worktree(agent.id))


def test_a_session_that_no_row_knows_ends_too(host: Host, tmp_path: Path) -> None:
    worker = host.worker()
    (worker.folders.agents / "of-old").mkdir()
    worker.tmux.new_session(
        "agent-of-old",
        command=["env", "HEPHAESTUS_AGENT=of-old", "/bin/sh", "-c", "trap '' HUP; sleep 1000"],
        cwd=tmp_path,
    )
    wait_until(lambda: len(processes_of("of-old")) > 1, what="it runs")

    shutdown.end_agents(worker)

    assert processes_of("of-old") == []
    assert worker.tmux.sessions() == {}
