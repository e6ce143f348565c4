"""The Guardian's sweep of a host: what it keeps of each agent, and its alarms."""

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from hephaestus_core.agents.service import list_agents
from hephaestus_core.contract.home import PANE_LOG, session_name
from hephaestus_core.guardian.assessing import LONGEST_HISTORY
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.sweeping import find_late_sweeps
from hephaestus_core.hosts.service import HostView, list_hosts
from hephaestus_core.summaries.figures import figures
from hephaestus_worker.agents.checkpoints import checkpoint_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.guardian.observer import observe_agents
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.terminal.tmux import Tmux
from tests.integration.host.conftest import Host
from tests.waiting import wait_until


def told(host: Host) -> HostView:
    return list_hosts(host.engine.db)[0]


def started(host: Host, *steps: str) -> Machine:
    """Return the worker of a host whose agent plays these steps and then waits for ever."""
    worker = host.worker()
    agent = host.claim(*steps, "run: touch ready", "hang:")
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "ready")
    return worker


def test_a_sweep_keeps_what_it_saw_for_readers(host: Host) -> None:
    worker = host.worker()
    agent = host.claim(*["run: 'true'"] * 3, "run: touch ready", "hang:")
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "ready")

    def hangs() -> bool:
        observe_agents(worker)
        watch = host.agent(agent.id).watch
        return watch is not None and watch.last_tool == "hang"

    wait_until(hangs, timeout=20, what="the last step was seen")
    watch = host.agent(agent.id).watch
    assert watch is not None
    assert watch.last_output_at is not None
    assert (watch.repeats, watch.last_change_at) == (1, None)

    checkpoint_agent(worker, agent.id)
    observe_agents(host.worker())  # a new worker, which remembers nothing

    watch = host.agent(agent.id).watch
    assert watch is not None
    assert watch.last_change_at == watch.looked_at
    assert watch.last_tool == "hang"
    assert told(host).sweep_alarm is None
    assert told(host).swept_at is not None


@pytest.mark.parametrize("hours", [1, -1], ids=["ahead", "behind"])
def test_a_clock_that_somebody_sets_makes_no_agent_silent(host: Host, hours: int) -> None:
    worker = started(host)
    observe_agents(worker)
    [agent] = list_agents(host.engine.db)
    log = worker.folders.agent(agent.id) / PANE_LOG
    moved = log.stat().st_mtime + 3600 * hours
    os.utime(log, (moved, moved))

    observe_agents(worker)

    watch = host.agent(agent.id).watch
    assert watch is not None
    assert watch.last_output_at is not None
    assert timedelta() <= watch.looked_at - watch.last_output_at < timedelta(minutes=1)
    assert watch.silent_since is None


def test_what_lasts_is_counted_from_the_first_look_however_many_follow(host: Host) -> None:
    worker = started(host)
    observe_agents(worker)
    [agent] = list_agents(host.engine.db)
    [first] = worker.sights[agent.id].history
    for _ in range(LONGEST_HISTORY + 1):
        observe_agents(worker)
    history = worker.sights[agent.id].history
    assert history[0].at > first.at
    assert history[-1].since is not None
    assert history[-1].since.first == first.at


def test_an_agent_that_creates_tasks_without_end_is_told_once_for_as_long(host: Host) -> None:
    worker = started(host)
    [agent] = list_agents(host.engine.db)
    verdicts = []
    for count in (12, 9, 0):
        for number in range(count):
            title = f"Part {count} {number} of the export"
            host.engine.create(title, creator_agent_id=agent.id, parent_task_id=agent.task_id)
        observe_agents(worker)
        verdicts.append(worker.sights[agent.id].history[-1].children)
        watch = host.agent(agent.id).watch
        assert watch is not None
        verdicts.append(watch.verdict)
    assert verdicts == [12, "working", 21, "looping", 21, "working"]
    [act] = page_of_interventions(host.engine.db, agent_id=agent.id)[0]
    assert (act.action, act.key, act.evidence) == ("steer", "spawns", ["it has created 21 tasks"])


def test_a_sweep_that_sees_not_all_raises_an_alarm_until_it_does(host: Host) -> None:
    worker = started(host)
    blind = replace(worker, programs={})

    observe_agents(blind)

    alarm = told(host).sweep_alarm
    assert alarm is not None
    assert "1 of 1 agents" in alarm
    assert figures(host.engine.db).sweep_alarms == {"a": 1}
    [event] = host.engine.events("host.unwatched")
    assert event.data["reason"] == alarm

    observe_agents(blind)
    observe_agents(worker)

    assert told(host).sweep_alarm is None
    assert len(host.engine.events("host.unwatched")) == len(host.engine.events("host.watched")) == 1


def test_a_sweep_while_another_runs_does_nothing(host: Host) -> None:
    worker = started(host)
    with worker.busy.try_acquire("sweep") as mine:
        assert mine
        second = threading.Thread(target=observe_agents, args=(worker,))
        second.start()
        second.join(20)
        assert not second.is_alive()
    assert told(host).swept_at is None


def test_a_host_that_does_not_sweep_is_told(host: Host) -> None:
    worker = host.worker()
    db = host.engine.db
    assert find_late_sweeps(db, interval=60) == []
    with db.transaction() as session:
        session.execute(text("UPDATE hosts SET registered_at = now() - interval '5 minutes'"))

    assert find_late_sweeps(db, interval=60) == ["a"]

    assert "has not looked" in (told(host).sweep_alarm or "")
    observe_agents(worker)
    assert told(host).sweep_alarm is None
    assert find_late_sweeps(db, interval=60) == []


class Reading(Tmux):
    """Notes which screens are read by themselves, and may lose a session just before many are."""

    def __init__(self, socket_name: str) -> None:
        super().__init__(socket_name)
        self.alone: list[str] = []
        self.loses: str | None = None

    def capture(self, name: str, lines: int = 200, *, colours: bool = False) -> str:
        self.alone.append(name)
        return super().capture(name, lines, colours=colours)

    def screens(self, names: Sequence[str], lines: int = 0) -> dict[str, str]:
        if self.loses is not None:
            self.kill_session(self.loses)
        return super().screens(names, lines)


def test_one_call_reads_the_screens_of_all_agents_and_a_lost_session_hides_no_other(
    host: Host,
) -> None:
    worker = host.worker()
    agents = [host.claim("run: touch ready", "hang:") for _ in range(2)]
    for agent in agents:
        start_agent(worker, agent.id)
    for agent in agents:
        host.wait_for_file(agent.id, "ready")
    tmux = Reading(worker.tmux.socket_name)
    observe_agents(replace(host.worker(), tmux=tmux))
    assert tmux.alone == []

    tmux.loses = session_name(str(agents[1].id))
    anew = replace(host.worker(), tmux=tmux)
    observe_agents(anew)

    assert session_name(str(agents[0].id)) in tmux.alone
    assert "hang" in anew.sights[agents[0].id].screen
    assert told(host).sweep_alarm is None
