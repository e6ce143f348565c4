"""Sessions without an agent of this host end, but only if a later pass still finds them."""

import time
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from hephaestus_core.contract.home import session_name
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.reconcile import reconcile
from tests.integration.git.making import Repo
from tests.integration.host.conftest import Host


def test_a_session_of_nobody_is_ended_once_it_has_been_seen_for_a_while(
    host: Host, tmp_path: Path
) -> None:
    agent = host.claim("sleep: 100")
    start_agent(host.worker(), agent.id)
    stranger = str(uuid4())
    worker = host.worker()
    session = session_name(stranger)
    worker.tmux.new_session(session, command=["sleep", "100"], cwd=tmp_path)

    reconcile(worker)
    assert session in worker.tmux.sessions()
    worker.suspects[stranger] = (
        time.monotonic() - 3600
    )  # Pretend that it was first seen an hour ago.
    reconcile(worker)

    assert set(worker.tmux.sessions()) == {session_name(str(agent.id))}


def test_a_session_that_got_its_agent_meanwhile_is_no_stranger(host: Host) -> None:
    agent = host.claim("sleep: 100")
    worker = host.worker()
    start_agent(worker, agent.id)
    worker.suspects[str(agent.id)] = time.monotonic() - 3600

    reconcile(worker)

    assert worker.suspects == {}
    assert session_name(str(agent.id)) in worker.tmux.sessions()


def test_what_a_stranger_has_done_is_saved_before_its_session_is_ended(host: Host) -> None:
    agent = host.claim("write: {path: made, content: made}", "sleep: 100")
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    # Under another host's name the worker does not know the agent, but it has its worktree.
    host.engine.with_host("b", slots=0)
    worker = replace(host.worker(), settings=replace(host.settings, host_name="b"))
    worker.suspects[str(agent.id)] = time.monotonic() - 3600

    reconcile(worker)

    assert worker.tmux.sessions() == {}
    [mirror] = worker.folders.mirrors.glob("*.git")
    assert Repo(mirror).show(agent.branch, "made") == "made"
    assert (host.worktree(agent.id) / "made").exists()


def test_a_stranger_that_cannot_be_saved_is_ended_and_its_worktree_stays(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    agent = host.claim("write: {path: made, content: made}", "sleep: 100")
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    host.engine.with_host("b", slots=0)
    worker = replace(host.worker(), settings=replace(host.settings, host_name="b"))
    worker.suspects[str(agent.id)] = time.monotonic() - 3600
    [mirror] = worker.folders.mirrors.glob("*.git")
    mirror.rename(mirror.with_name("away"))

    reconcile(worker)

    assert worker.tmux.sessions() == {}
    assert (host.worktree(agent.id) / "made").exists()
    assert f"stranger_not_saved worktree={host.worktree(agent.id)}" in caplog.text
