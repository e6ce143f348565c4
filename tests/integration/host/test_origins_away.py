"""An origin that goes away for a while, at each step of a task: the step is done later."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from hephaestus_core.agents.views import AgentView
from hephaestus_core.changes import service as changes
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.integrating import integrate
from tests.integration.git.making import Repo
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"


@dataclass
class Server:
    """A repository behind `git daemon`, which may be stopped and started again."""

    bare: Repo
    port: int
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"git://127.0.0.1:{self.port}/project.git"

    def start(self) -> None:
        served = str(self.bare.path.parent)
        process = subprocess.Popen(
            [
                *("git", "daemon", "--export-all", "--enable=receive-pack", "--reuseaddr"),
                *(f"--base-path={served}", "--listen=127.0.0.1", f"--port={self.port}", served),
            ],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.running.append(process)
        wait_until(self._listens, timeout=20, what="git daemon listens")

    def stop(self) -> None:
        while self.running:
            process = self.running.pop()
            os.killpg(process.pid, signal.SIGKILL)  # `git` starts the daemon as a child
            process.wait(20)
        wait_until(lambda: not self._listens(), timeout=20, what="git daemon is gone")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def server(host: Host, tmp_path: Path) -> Iterator[Server]:
    """The origin of the host's workflow, behind a URL."""
    bare = Repo.make(tmp_path / "served" / "project.git", bare=True)
    host.origin.git("push", "--quiet", str(bare.path), "main")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made = Server(bare, free.getsockname()[1])
    order = LaunchOrder(definition_id=host.engine.define(), repository=made.url)
    host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id
    made.start()
    yield made
    made.stop()


def after_a_while(host: Host) -> None:
    """Let half a minute pass for what waits to be tried again."""
    earlier = {"pause": timedelta(seconds=30)}
    with host.engine.db.transaction() as session:
        session.execute(text("UPDATE merges SET held_at = held_at - :pause"), earlier)
        session.execute(
            text("UPDATE workflows SET delivery_held_at = delivery_held_at - :pause"), earlier
        )
        session.execute(text("UPDATE tasks SET due_at = now()"))


def status(host: Host, agent: AgentView) -> str:
    return tasks.get_task(host.engine.db, agent.task_id).status


def working(host: Host) -> AgentView:
    agent = host.claim("write: {path: made, content: made}", WAIT)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    return agent


@pytest.mark.parametrize("first_copy", [True, False])
def test_at_the_start(host: Host, server: Server, first_copy: bool) -> None:
    if not first_copy:
        host.engine.report_done(earlier := working(host))
        finish_agent(host.worker(), earlier.id)
    agent = host.claim(WAIT)
    server.stop()
    start_agent(host.worker(), agent.id)
    assert status(host, agent) == "queued"

    server.start()
    after_a_while(host)
    again = host.engine.claimed()
    start_agent(host.worker(), again.id)
    assert host.agent(again.id).status == "working"


def test_at_saving_merging_and_delivery(host: Host, server: Server) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    server.stop()
    with pytest.raises(RepositoryError, match="check the address and the network"):
        finish_agent(host.worker(), agent.id)
    assert status(host, agent) == "under_review"

    server.start()
    assert finish_agent(host.worker(), agent.id)
    server.stop()
    integrate(host.worker())
    [merge] = changes.list_merges(host.engine.db, host.engine.workflow_id)
    assert (merge.status, status(host, agent)) == ("pending", "under_review")
    assert "unable to connect" in str(merge.reason)

    server.start()
    after_a_while(host)
    integrate(host.worker())
    workflow = lifecycle.get_workflow(host.engine.db, host.engine.workflow_id)
    assert (status(host, agent), workflow.delivery.status) == ("done", "delivered")
    assert server.bare.show("main", "made") == "made"


def test_at_the_delivery_alone(host: Host, server: Server) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    finish_agent(host.worker(), agent.id)
    hook = server.bare.path / "hooks" / "update"
    hook.write_text('#!/bin/sh\ntest "$1" != refs/heads/main || { echo closed >&2; exit 1; }\n')
    hook.chmod(0o755)
    integrate(host.worker())
    server.stop()
    after_a_while(host)
    integrate(host.worker())
    workflow = lifecycle.get_workflow(host.engine.db, host.engine.workflow_id)
    assert (status(host, agent), workflow.delivery.status) == ("done", "held")
    assert "unable to connect" in str(workflow.delivery.reason)

    hook.unlink()
    server.start()
    after_a_while(host)
    integrate(host.worker())
    workflow = lifecycle.get_workflow(host.engine.db, host.engine.workflow_id)
    assert workflow.delivery.status == "delivered"


def test_a_folder_that_is_unmounted_for_a_while(host: Host) -> None:
    host.engine.report_done(earlier := working(host))
    finish_agent(host.worker(), earlier.id)
    agent = host.claim(WAIT)
    elsewhere = host.origin.path.with_name("elsewhere")
    host.origin.path.rename(elsewhere)
    start_agent(host.worker(), agent.id)
    seen = tasks.get_task(host.engine.db, agent.task_id)
    assert (seen.status, seen.failure_class) == ("queued", "transient")
    assert "mount it or bring it back" in str(seen.failure_reason)

    elsewhere.rename(host.origin.path)
    after_a_while(host)
    again = host.engine.claimed()
    start_agent(host.worker(), again.id)
    assert host.agent(again.id).status == "working"


def test_a_folder_that_was_never_there_fails_at_once(host: Host, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "mistyped")
    order = LaunchOrder(definition_id=host.engine.define(), repository=nowhere)
    host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id
    agent = host.claim(WAIT)
    start_agent(host.worker(), agent.id)
    assert status(host, agent) == "failed"
