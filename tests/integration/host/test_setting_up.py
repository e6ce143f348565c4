"""Set-up and hooks of a worktree: before the agent starts, and before the worktree goes."""

import os
import subprocess
from contextlib import ExitStack
from dataclasses import replace
from uuid import uuid4

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.bells import reconcile_bell
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.setting_up import SETUP_LOG
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.host.machine import STARTS_AT_ONCE, Machine
from hephaestus_worker.terminal.process_tree import MARKER, processes_of
from tests.integration.host.conftest import Host
from tests.waiting import wait_until


def launch(host: Host, setup_command: str = "") -> None:
    order = LaunchOrder(
        definition_id=host.engine.define(),
        repository=str(host.origin.path),
        setup_command=setup_command,
    )
    host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id


def start(host: Host, worker: Machine, agent: AgentView) -> AgentView:
    """Start the agent, and once more when its set-up has ended."""
    start_agent(worker, agent.id)
    wait_until(lambda: not worker.long_work.runs(agent.id), what="set-up has ended")
    start_agent(worker, agent.id)
    return host.agent(agent.id)


def prompt_of(worker: Machine, agent: AgentView) -> str:
    return (worker.folders.agent(agent.id) / "prompt.md").read_text()


def test_set_up_runs_before_the_agent_and_keeps_no_other_start_waiting(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "of-the-agents")
    launch(host, "until [ -e go ]; do sleep 0.05; done; mkdir .venv; env")
    worker, agent = host.worker(), host.claim("sleep: 100")

    start_agent(worker, agent.id)
    start_agent(worker, agent.id)  # a second bell
    assert host.agent(agent.id).status == "starting"
    assert worker.tmux.sessions() == {}
    with ExitStack() as others:
        assert all(
            others.enter_context(worker.starts.try_acquire(uuid4(), lambda _: None))
            for _ in range(STARTS_AT_ONCE)
        )
    (host.worktree(agent.id) / "go").touch()
    wait_until(lambda: reconcile_bell("a") in host.rung, what="the end of the set-up rings")

    start_agent(worker, agent.id)
    started = host.agent(agent.id)
    assert started.status == "working"
    assert started.setup is not None
    assert (started.setup.status, started.setup.exit_status) == ("succeeded", 0)
    assert "ANTHROPIC_API_KEY=of-the-agents" in started.setup.output
    assert "heph_agent" not in started.setup.output
    assert (worker.folders.agent(agent.id) / SETUP_LOG).read_text()
    assert (host.worktree(agent.id) / ".venv").is_dir()
    assert "Set-up ran `until [ -e go ]" in prompt_of(worker, agent)


def test_an_agent_starts_after_a_failed_set_up_and_is_told_the_end_of_its_output(
    host: Host,
) -> None:
    launch(host, "echo no such package >&2; exit 3")
    worker, agent = host.worker(), host.claim("sleep: 100")
    # What a killed worker has left, which ran the same.
    left = subprocess.Popen(["sleep", "100"], env={**os.environ, MARKER: str(agent.id)})

    started = start(host, worker, agent)

    assert left.wait(10) != 0
    assert started.status == "working"
    assert started.setup is not None
    assert (started.setup.status, started.setup.exit_status) == ("failed", 3)
    assert started.setup.contained
    prompt = prompt_of(worker, agent)
    assert "failed with exit status 3" in prompt
    assert "no such package" in prompt
    [event] = host.engine.events("agent.set_up")
    assert event.data["status"] == "failed"


def test_set_up_ends_at_its_limit(host: Host) -> None:
    host.settings = replace(host.settings, setup_minutes=0.01)
    launch(host, "sleep 100")
    started = start(host, host.worker(), host.claim("sleep: 100"))
    assert started.setup is not None
    assert (started.setup.status, started.setup.exit_status) == ("timed_out", None)


def test_a_task_that_is_cancelled_during_set_up_leaves_nothing(host: Host) -> None:
    launch(host, "echo work > made; sleep 100")
    worker, agent = host.worker(), host.claim("sleep: 100")
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "made")
    tasks.cancel_task(host.engine.db, agent.task_id)

    finish_agent(worker, agent.id)
    wait_until(lambda: not worker.long_work.runs(agent.id), what="set-up has ended")
    start_agent(worker, agent.id)
    finish_agent(worker, agent.id)

    host.assert_released(agent.id)
    assert host.agent(agent.id).setup is None


def test_hooks_run_at_both_ends_of_a_worktree_and_lose_no_work(host: Host) -> None:
    hooks = {
        "after_create": "pwd > begun; echo no such network >&2; exit 2",
        "before_remove": "pwd >> late.txt",
    }
    host.settings = replace(host.settings, repositories={str(host.origin.path): hooks})
    launch(host)
    worker, agent = (
        host.worker(),
        host.claim("write: {path: work.txt, content: done}", "sleep: 100"),
    )
    assert start(host, worker, agent).status == "working"
    worktree = host.worktree(agent.id)
    assert (worktree / "begun").read_text().strip() == str(worktree)
    [event] = host.engine.events("agent.hook_failed")
    assert event.data["hook"] == "after_create"
    assert "exit status 2" in event.data["reason"]
    assert "no such network" in event.data["reason"]

    host.wait_for_file(agent.id, "work.txt")
    host.engine.report_done(agent)
    with pytest.raises(RepositoryError, match="unsaved work"):
        finish_agent(worker, agent.id)
    finish_agent(worker, agent.id)

    host.assert_released(agent.id)
    assert processes_of(str(agent.id)) == []
    assert host.origin.show(agent.branch, "work.txt") == "done"
    assert host.origin.show(agent.branch, "late.txt").split() == [str(worktree)]
