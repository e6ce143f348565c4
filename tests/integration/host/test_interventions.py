"""The Guardian acts on real agents: what it does, once, and what came of it."""

import threading
import time
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.views import InterventionView
from hephaestus_core.messages.mailbox import page_of_messages
from hephaestus_core.messages.views import MessageView
from hephaestus_core.questions.service import answer, page_of_questions
from hephaestus_core.tasks.service import get_task
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.mail import deliver_messages
from hephaestus_worker.agents.metering import meter_agents
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.guardian.observer import observe_agents
from hephaestus_worker.host.machine import Machine
from tests.integration.host.conftest import Host
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def _quick(host: Host) -> None:
    host.settings = replace(host.settings, stuck_minutes=0.01, monitoring_interval=1)


def started(host: Host, worker: Machine, *steps: str) -> AgentView:
    agent = host.claim("run: touch ready", *steps)
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "ready")
    return agent


def acts(host: Host, agent_id: UUID) -> list[InterventionView]:
    """Return what was done to an agent, oldest first."""
    return page_of_interventions(host.engine.db, agent_id=agent_id)[0][::-1]


def sweep_until_acted(host: Host, worker: Machine, agent_id: UUID) -> InterventionView:
    def acted() -> bool:
        observe_agents(worker)
        return bool(acts(host, agent_id))

    wait_until(acted, timeout=20, what="the Guardian acts")
    return acts(host, agent_id)[0]


def test_an_agent_that_hangs_is_steered_once_and_set_right(host: Host) -> None:
    # An act is given four seconds, since a busy machine takes one of them for a look.
    host.settings = replace(host.settings, monitoring_interval=8)
    worker = host.worker()
    agent = started(host, worker, "stall:", *["run: 'true'"] * 2, "run: touch right", "stall:")

    act = sweep_until_acted(host, worker, agent.id)
    assert (act.cause, act.key, act.action) == ("hung", "hung", "steer")
    assert "nothing has moved" in act.evidence[0]
    assert act.delivered_at is None
    observe_agents(worker)
    assert len(acts(host, agent.id)) == 1

    shown = time.monotonic() + 4
    wait_until(lambda: time.monotonic() > shown, what="its effect could show")
    deliver_messages(worker, agent.id)
    host.wait_for_file(agent.id, "right")

    def followed_up() -> bool:
        observe_agents(worker)
        return acts(host, agent.id)[0].effect is not None

    wait_until(followed_up, timeout=20, what="the effect is known")
    [first, *_] = acts(host, agent.id)
    assert first.effect == "headway"
    assert first.delivered_at is not None
    [told] = host.engine.events("agent.intervention_followed")[:1]
    assert told.data["effect"] == "headway"


def test_sweeps_at_once_act_once(host: Host) -> None:
    workers = [host.worker() for _ in range(3)]
    agent = started(host, workers[0], "hang:")
    barrier = threading.Barrier(len(workers))

    def sweep(worker: Machine) -> None:
        for _ in range(3):
            barrier.wait(20)
            observe_agents(worker)

    with host.engine.db.transaction() as session:  # they wait for the agent, then all go on
        session.execute(text("SELECT FROM tasks WHERE id = :id FOR UPDATE"), {"id": agent.task_id})
        threads = [threading.Thread(target=sweep, args=(worker,)) for worker in workers]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join(60)
    assert len(acts(host, agent.id)) <= 1
    assert sweep_until_acted(host, workers[0], agent.id).action == "steer"


def test_an_agent_in_a_loop_is_interrupted_restarted_and_parked_with_the_evidence(
    host: Host,
) -> None:
    host.settings = replace(host.settings, stuck_minutes=5, restarts_per_task=1)
    worker = host.worker()
    again = "repeat: {times: 100000, steps: [run: python3 -c 'import time; time.sleep(0.1)']}"
    agent = started(host, worker, again)
    aged(host)

    def acted(wanted: str) -> bool:
        observe_agents(worker)
        for message in messages_of(host, agent):
            deliver_messages(worker, message.recipient_agent_id)
        return acts(host, agent.id)[-1:] != [] and acts(host, agent.id)[-1].action == wanted

    wait_until(lambda: acted("restart"), timeout=60, what="it is restarted")
    taken = acts(host, agent.id)
    assert [(each.cause, each.action) for each in taken] == [
        ("looping", "steer"),
        ("looping", "steer_otherwise"),
        ("looping", "interrupt"),
        ("looping", "restart"),
    ]
    assert [each.effect for each in taken[:3]] == ["none"] * 3
    log = (worker.folders.agent(agent.id) / PANE_LOG).read_text()
    assert log.count("[interrupted]") == 1
    finish_agent(worker, agent.id)

    due_now(host)
    agent = host.engine.claimed()
    assert agent.resumes_id is not None
    start_agent(worker, agent.id)
    aged(host)
    wait_until(lambda: acted("park"), timeout=60, what="it is parked")
    finish_agent(worker, agent.id)
    assert get_task(host.engine.db, agent.task_id).status == "blocked"
    [question] = page_of_questions(host.engine.db)[0]
    assert "run: python3" in question.text
    assert "steer otherwise" in question.text


def test_an_attempt_is_told_of_a_near_limit_and_parked_over_it(host: Host) -> None:
    host.settings = replace(host.settings, stuck_minutes=5, attempt_turns=10)
    worker = host.worker()
    # Turns that are all alike would be a loop.
    turns = [f"usage: {{input_tokens: {number}, output_tokens: 1}}" for number in range(10, 21)]
    steps = (*turns[:9], "stall:", *turns[9:], "run: touch over", "hang:")
    agent = started(host, worker, *steps)
    aged(host)

    def acted(wanted: str) -> bool:
        meter_agents(worker)
        observe_agents(worker)
        return [each.action for each in acts(host, agent.id)][-1:] == [wanted]

    wait_until(lambda: acted("steer"), timeout=20, what="it is told")
    [told] = acts(host, agent.id)
    assert (told.key, told.evidence) == ("near_limits", ["9 turns of 10"])
    deliver_messages(worker, agent.id)
    host.wait_for_file(agent.id, "over")

    wait_until(lambda: acted("park"), timeout=30, what="it is parked")
    assert [each.key for each in acts(host, agent.id)] == ["near_limits", "over_limits"]
    finish_agent(worker, agent.id)
    [question] = page_of_questions(host.engine.db)[0]
    assert "more than it may" in question.text
    assert "11 turns of 10" in question.text
    answer(host.engine.db, question.id, answer="Go on.", by="a person")
    again = host.engine.claimed()
    assert again.resumes_id is not None
    assert again.task_id == agent.task_id


def aged(host: Host) -> None:
    """Let all attempts be old enough to be ended."""
    with host.engine.db.transaction() as session:
        session.execute(text("UPDATE agents SET running_at = now() - interval '10 minutes'"))


def due_now(host: Host) -> None:
    with host.engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))


def messages_of(host: Host, agent: AgentView) -> list[MessageView]:
    found, _ = page_of_messages(host.engine.db, agent_id=agent.id)
    return [each for each in found if each.delivered_at is None]
