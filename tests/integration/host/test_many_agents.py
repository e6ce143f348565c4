"""One sweep over a hundred agents in as many sessions, of which one hangs and one loops."""

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import AgentView
from hephaestus_core.attention.service import inbox
from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.contract.attention import AttentionKind
from hephaestus_core.contract.home import PANE_LOG, session_name
from hephaestus_core.hosts.service import list_hosts
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.tasks import guardian  # noqa: F401 - declares the answer
from hephaestus_worker.tasks.answers import answer
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

AGENTS = 100
SILENCE_SECONDS = 12.0
AGAIN = "{run: timeout 0.3 tail -f /dev/null, may_fail: true}"


@dataclass(frozen=True)
class Tiny:
    """A session whose program prints what it is given."""

    agent_id: UUID
    pipe: Path
    log: Path

    def say(self, line: str) -> None:
        self.pipe.write_text(f"{line}\n")
        shown = lambda: line in self.log.read_text()  # noqa: E731
        wait_until(shown, timeout=30, what="the line is on the screen")


def tiny(host: Host, worker: Machine, number: int) -> Tiny:
    """Start an agent with the smallest program that there is."""
    host.engine.create(f"Make part {number} of the export.")
    agent = host.engine.run(host.engine.claimed())
    folder = worker.folders.agent(agent.id)
    folder.mkdir(parents=True, mode=0o700)
    made = Tiny(agent.id, folder / "pipe", folder / PANE_LOG)
    os.mkfifo(made.pipe)
    worker.tmux.new_session(
        session_name(str(agent.id)),
        command=["sh", "-c", 'exec cat <>"$0"', str(made.pipe)],
        cwd=folder,
        log=made.log,
    )
    return made


def scripted(host: Host, worker: Machine, *steps: str) -> AgentView:
    agent = host.claim("run: touch ready", *steps)
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "ready")
    return agent


def stuck(host: Host) -> dict[UUID | None, str]:
    """Return the titles of the agents that get nowhere, as a person's inbox has them."""
    items = inbox(host.engine.db).items
    return {item.agent_id: item.title for item in items if item.kind is AttentionKind.AGENT_STUCK}


def sweep(worker: Machine) -> None:
    answer(worker, CeleryTaskName.OBSERVE_HOST, ())


def test_the_one_that_hangs_and_the_one_that_loops_are_found_in_one_sweep(host: Host) -> None:
    host.engine.with_host("a", slots=AGENTS)
    host.settings = replace(host.settings, stuck_minutes=SILENCE_SECONDS / 60)
    worker = host.worker()
    others = [tiny(host, worker, number) for number in range(AGENTS - 2)]
    looping = scripted(host, worker, f"repeat: {{times: 100000, steps: [{AGAIN}]}}")
    hung = scripted(host, worker, "hang:")
    assert len(hosting.agents_of(host.engine.db, "a")) == AGENTS
    for each in others:
        each.say("begun")
    sweep(worker)
    began = time.monotonic()
    assert hung.id not in stuck(host)

    for each in others:
        each.say("half of it")
    silent = lambda: time.monotonic() - began > SILENCE_SECONDS  # noqa: E731
    wait_until(silent, timeout=60, what="the silence counts")
    sweep(worker)

    found = stuck(host)
    assert set(found) == {hung.id, looping.id}
    assert "hangs" in found[hung.id]
    assert "again and again" in found[looping.id]
    assert list_hosts(host.engine.db)[0].sweep_alarm is None

    for each in others:
        each.say("all of it")
    sweep(worker)
    assert set(stuck(host)) == {hung.id, looping.id}
