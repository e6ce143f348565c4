"""Signs that programs leave: they bring a look forward."""

import time
from dataclasses import replace
from uuid import UUID

import pytest

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.questions.service import answer, page_of_questions
from hephaestus_core.tasks.service import get_task
from hephaestus_worker.agent_programs.base import Sign
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.guardian.observer import observe_agents, observe_one
from hephaestus_worker.guardian.sights import RETRY_LOOKS, note_signs
from hephaestus_worker.guardian.signals import read_signals
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.sights import Sight
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

#: A command that fails five times, and never ends after that.
FAILS = (
    "run: 'if test -e ready; then tail -f /dev/null; fi; echo >> runs;"
    " test $(wc -l < runs) -lt 5 || touch ready; echo no such module; false'"
)


@pytest.mark.parametrize("by_sweep", [False, True])
def test_a_refused_key_ends_the_attempt_while_its_program_still_retries(
    host: Host, by_sweep: bool
) -> None:
    worker = host.worker()
    agent = host.claim("run: touch ready", "refused: 401 Incorrect key")
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "ready")
    began = time.monotonic()

    def rung() -> bool:
        read_signals(worker)
        return any(bell.name == CeleryTaskName.OBSERVE_AGENT for bell in host.rung)

    wait_until(rung, timeout=15, what="the look is brought forward")
    observe_agents(worker) if by_sweep else observe_one(worker, agent.id)

    assert host.agent(agent.id).status == "stopping"
    assert time.monotonic() - began < 15
    finish_agent(worker, agent.id)
    task = get_task(host.engine.db, agent.task_id)
    assert task.failure_class == "permanent"
    assert "401 Incorrect key" in (task.failure_reason or "")


def test_signs_are_read_once_and_a_worker_at_work_is_left_alone(host: Host) -> None:
    worker = host.worker()
    agent = host.claim("run: touch ready", "hang:")
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "ready")

    def hangs() -> bool:
        read_signals(worker)
        return worker.sights[agent.id].action == "hang"

    wait_until(hangs, timeout=20, what="the step was seen")
    read_signals(worker)
    assert worker.sights[agent.id].repeats == 1
    assert host.agent(agent.id).status == "working"
    assert not any(bell.name == CeleryTaskName.OBSERVE_AGENT for bell in host.rung)


def test_a_retry_brings_a_few_more_looks_since_its_end_may_be_drawn_later(host: Host) -> None:
    worker = host.worker()
    agent = host.claim("run: touch ready", "hang:")
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "ready")
    sight = worker.sights.setdefault(agent.id, Sight())
    retried = Sign("retries", "[retrying")
    note_signs(sight, [retried])
    host.rung.clear()

    for _ in range(2 * RETRY_LOOKS):
        note_signs(sight, [retried])  # what an agent prints again and again costs no more
        read_signals(worker)

    looks = [bell for bell in host.rung if bell.name == CeleryTaskName.OBSERVE_AGENT]
    assert len(looks) == RETRY_LOOKS


def test_a_question_at_a_terminal_becomes_a_persons_and_costs_no_slot(host: Host) -> None:
    worker = host.worker()
    db = host.engine.db
    agent = host.claim("run: touch ready", "waits: Which of the two?")
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "ready")

    wait_for_a_look(host, worker)
    observe_one(worker, agent.id)
    finish_agent(worker, agent.id)

    assert get_task(db, agent.task_id).status == "blocked"
    assert host.engine.claim() is None
    [question] = page_of_questions(db)[0]
    assert question.text.split("\n\n")[1:] == ["Which of the two?"]
    watch = host.agent(agent.id).watch
    assert watch is not None
    assert watch.verdict is not None


def test_a_program_that_asks_the_same_again_after_the_answer_is_heard_again(host: Host) -> None:
    worker = host.worker()
    db = host.engine.db
    first = host.claim("run: touch ready", "waits: Which of the two?")
    start_agent(worker, first.id)
    wait_for_a_look(host, worker)
    observe_one(worker, first.id)
    finish_agent(worker, first.id)
    [asked] = page_of_questions(db)[0]
    answer(db, asked.id, answer="The left one.", by="ada")

    second = host.engine.claimed()
    host.rung.clear()
    start_agent(worker, second.id)
    wait_for_a_look(host, worker)
    observe_one(worker, second.id)
    finish_agent(worker, second.id)

    again, before = page_of_questions(db)[0]
    assert (again.status, before.status) == ("open", "answered")
    assert again.text == before.text
    assert get_task(db, second.task_id).status == "blocked"


def wait_for_a_look(host: Host, worker: Machine) -> None:
    """Read the signs of agents until one of them brings a look forward."""

    def rung() -> bool:
        read_signals(worker)
        return any(bell.name == CeleryTaskName.OBSERVE_AGENT for bell in host.rung)

    wait_until(rung, timeout=30, what="the look is brought forward")


def test_an_agent_whose_command_fails_again_and_again_is_told_before_the_next_sweep(
    host: Host,
) -> None:
    worker = host.worker()
    agent = host.claim(f"repeat: {{times: 9, steps: [{{{FAILS}, may_fail: true}}]}}")
    start_agent(worker, agent.id)

    def rung() -> bool:
        read_signals(worker)
        return any(bell.name == CeleryTaskName.OBSERVE_AGENT for bell in host.rung)

    wait_until(rung, timeout=60, what="the look is brought forward")
    observe_one(worker, agent.id)
    observe_one(worker, agent.id)

    [told] = page_of_interventions(host.engine.db)[0]
    assert (told.action, told.cause, told.key) == ("steer", "failing_repeatedly", "loops")
    assert "test -e ready" in told.evidence[0]
    assert host.agent(agent.id).status == "working"


def test_an_agent_that_changes_something_between_failures_is_left_alone(host: Host) -> None:
    worker = host.worker()
    changes = "append: {path: notes.txt, content: again}"
    agent = host.claim(f"repeat: {{times: 9, steps: [{{{FAILS}, may_fail: true}}, {{{changes}}}]}}")
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "ready")

    def sees_the_last_one() -> bool:
        read_signals(worker)
        return worker.sights[agent.id].actions >= len((FAILS, changes)) * 5 + 1

    wait_until(sees_the_last_one, timeout=60, what="all signs are read")
    observe_agents(worker)

    assert not any(bell.name == CeleryTaskName.OBSERVE_AGENT for bell in host.rung)
    assert page_of_interventions(host.engine.db)[0] == []


class Forgetful(dict[UUID, Sight]):
    """Sights that a sweep forgets in the instant in which they are made."""

    def setdefault(self, key: UUID, default: Sight | None = None) -> Sight:
        assert default is not None
        return default


def test_a_look_at_an_agent_that_a_sweep_forgets_meanwhile_finds_what_it_finds(host: Host) -> None:
    worker = replace(host.worker(), sights=Forgetful())
    agent = host.claim("run: touch ready", "hang:")
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "ready")
    observe_one(worker, agent.id)
    watch = host.agent(agent.id).watch
    assert watch is not None
    assert watch.verdict is not None
