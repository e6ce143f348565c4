"""Sessions that belong to no agent of the host: ended, but not at first sight."""

import time
from pathlib import Path
from uuid import uuid4

from hephaestus_worker.host import launcher
from hephaestus_worker.host.reconcile import reconcile
from hephaestus_worker.host.starting import start_agent
from tests.integration.host.conftest import Host


def test_a_session_of_nobody_is_ended_once_it_has_been_seen_for_a_while(
    host: Host, tmp_path: Path
) -> None:
    agent = host.claim("sleep: 100")
    start_agent(host.worker(), agent.id)
    stranger = str(uuid4())
    worker = host.worker()
    session = launcher.session_name(stranger)
    worker.tmux.new_session(session, command=["sleep", "100"], cwd=tmp_path)

    reconcile(worker)
    assert session in worker.tmux.sessions()
    worker.suspects[stranger] = time.monotonic() - 3600  # as if it had been seen an hour ago
    reconcile(worker)

    assert set(worker.tmux.sessions()) == {launcher.session_name(str(agent.id))}


def test_a_session_that_got_its_agent_meanwhile_is_no_stranger(host: Host) -> None:
    agent = host.claim("sleep: 100")
    worker = host.worker()
    start_agent(worker, agent.id)
    worker.suspects[str(agent.id)] = time.monotonic() - 3600

    reconcile(worker)

    assert worker.suspects == {}
    assert launcher.session_name(str(agent.id)) in worker.tmux.sessions()
