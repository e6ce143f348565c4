"""An agent is killed at its work; the next attempt on this host goes on with its conversation."""

import shutil
from dataclasses import replace
from typing import Any

import pytest

from hephaestus_core.agents import hosting
from hephaestus_core.agents.reports import report_status
from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents import conversations
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host.machine import working_on
from tests.integration.host.conftest import Host
from tests.integration.host.test_killed_between_steps import (
    STARTING,
    Die,
    Killed,
    die,
    program_of,
    running,
    steps,
)
from tests.waiting import wait_until

__all__ = ["die"]


def killed(host: Host) -> AgentView:
    """Run an agent up to the step after the file `made`, and kill all of its processes."""
    agent = running(host)
    wait_at_work(host, agent)  # until then it has not noted that it has written the file
    host.kill_agent(agent.id)
    return agent


def claimed_again(host: Host, agent: AgentView) -> AgentView:
    tasks.bump_task(host.engine.db, agent.task_id)
    return host.engine.claimed()


def log_of(host: Host, agent: AgentView) -> str:
    log = host.worker().folders.agent(agent.id) / PANE_LOG
    return log.read_text(errors="replace") if log.exists() else ""


def wait_at_work(host: Host, agent: AgentView) -> str:
    """Wait until the agent plays the step that never ends; return what it has shown."""
    wait_until(lambda: "[step] run" in log_of(host, agent), timeout=20, what="the agent waits")
    return log_of(host, agent)


def test_it_goes_on_at_the_same_path_with_what_was_saved(host: Host) -> None:
    first = killed(host)
    place = host.worktree(first.id)
    (place / "uncommitted").write_text("work")
    finish_agent(host.worker(), first.id)
    assert not place.exists()

    second = claimed_again(host, first)
    start_agent(host.worker(), second.id)

    assert "[step] write" not in wait_at_work(host, second), "it had written the file before"
    assert host.worktree(second.id) == place
    assert (place / "uncommitted").read_text() == "work"
    assert (place / "made").read_text() == "made"
    assert "[step] write" in log_of(host, first), "what the first has shown stays with it"
    prompt = (host.worker().folders.agent(second.id) / "resume.md").read_text()
    assert "has been started again" in prompt
    assert second.branch in prompt


@steps([(conversations, "move"), *STARTING])
def test_a_start_that_was_broken_off_goes_on_with_the_conversation(
    host: Host, die: Die, owner: Any, name: str, when: str
) -> None:
    first = killed(host)
    finish_agent(host.worker(), first.id)
    second = claimed_again(host, first)
    die(owner, name, when)
    with pytest.raises(Killed):
        start_agent(host.worker(), second.id)
    before = {p.pid for p in program_of(second.id)}

    start_agent(host.worker(), second.id)

    assert "[step] write" not in wait_at_work(host, second)
    assert host.agent(second.id).resumes_id == first.id
    # A process that the program has just forked looks like it until it runs its own.
    wait_until(lambda: len(program_of(second.id)) == 1, what="one program runs")
    assert before <= {p.pid for p in program_of(second.id)}


def test_ending_the_first_once_more_leaves_the_worktree_of_the_second(host: Host, die: Die) -> None:
    first = killed(host)
    die(hosting, "record_released", "before")
    with pytest.raises(Killed):
        finish_agent(host.worker(), first.id)
    second = claimed_again(host, first)
    start_agent(host.worker(), second.id)
    wait_at_work(host, second)
    (host.worktree(second.id) / "new").write_text("of the second")

    finish_agent(host.worker(), first.id)

    assert (host.worktree(second.id) / "new").read_text() == "of the second"
    assert [agent.id for agent in hosting.agents_of(host.engine.db, "a")] == [second.id]
    host.engine.report_done(second)
    finish_agent(host.worker(), second.id)
    assert host.origin.show(second.branch, "new") == "of the second"
    host.assert_released(second.id)


def test_where_the_worktree_of_the_first_is_left_the_second_begins_anew(
    host: Host, die: Die
) -> None:
    first = killed(host)
    die(worktrees, "remove", "before")
    with pytest.raises(Killed):
        finish_agent(host.worker(), first.id)
    second = claimed_again(host, first)
    start_agent(host.worker(), second.id)

    wait_at_work(host, second)
    assert host.agent(second.id).resumes_id is None
    assert host.worktree(second.id) != host.worktree(first.id)
    finish_agent(host.worker(), first.id)
    assert not host.worktree(first.id).exists()
    assert worktrees.is_made(host.worktree(second.id))


def test_the_second_waits_until_the_first_has_been_ended(host: Host) -> None:
    first = killed(host)
    finish_agent(host.worker(), first.id)
    second = claimed_again(host, first)
    worker = host.worker()
    with working_on(worker, first.id):
        start_agent(worker, second.id)
        assert host.agent(second.id).status == "starting"
    start_agent(worker, second.id)
    assert host.agent(second.id).resumes_id == first.id


@pytest.mark.parametrize("why", ["setting", "files", "id"])
def test_it_begins_anew_where_the_conversation_cannot_be_had(
    host: Host, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    first = killed(host)
    if why == "id":
        program = type(host.worker().program("scripted"))
        monkeypatch.setattr(program, "session_id", lambda *_: "--option")
    finish_agent(host.worker(), first.id)
    assert (host.agent(first.id).conversation is None) == (why == "id")
    second = claimed_again(host, first)
    if why == "setting":
        host.settings = replace(host.settings, resume_conversations=False)
    elif why == "files":
        shutil.rmtree(host.worker().folders.agent(first.id))

    start_agent(host.worker(), second.id)

    assert "[step] write" in wait_at_work(host, second)
    assert host.agent(second.id).resumes_id is None
    assert host.worktree(second.id).name == str(second.id)


def test_one_that_gave_up_leaves_no_conversation(host: Host) -> None:
    agent = running(host)
    report_status(host.engine.db, agent.id, status="failed", failure_reason="it cannot be done")
    finish_agent(host.worker(), agent.id)
    assert host.agent(agent.id).conversation is None
