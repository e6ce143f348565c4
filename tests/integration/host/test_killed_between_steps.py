"""A worker is killed between any two steps; the next worker does the remaining steps."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psutil
import pytest

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import AgentView
from hephaestus_core.changes import service as changes
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents import finishing, launcher
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.git.objects import drafts
from hephaestus_worker.git.origins.local import LocalOrigin
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.passes import integrating
from hephaestus_worker.passes.integrating import integrate
from hephaestus_worker.terminal.process_tree import processes_of
from tests.agent_processes import kill, programs
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"

STARTING = [
    (worktrees, "add"),
    (hosting, "record_prepared"),
    (launcher, "start"),
    (hosting, "record_running"),
]
FINISHING = [
    (launcher, "stop"),
    (finishing, "save_work"),
    (Mirror, "push"),
    (finishing, "record_ended"),
    (worktrees, "remove"),
    (hosting, "record_released"),
]
INTEGRATING = [
    (drafts, "release"),
    (LocalOrigin, "_is_set"),
    (changes, "record_merge"),
    (integrating.delivery, "deliver"),
    (changes, "record_delivery"),
]


class Killed(BaseException):
    """The simulated kill of a worker; no code may catch it."""


Die = Callable[[Any, str, str], None]


@pytest.fixture
def die(monkeypatch: pytest.MonkeyPatch) -> Die:
    """Return a function that kills the worker before or after the next call of a function."""

    def arrange(owner: Any, name: str, when: str) -> None:
        real = getattr(owner, name)

        def deadly(*args: Any, **kwargs: Any) -> Any:
            monkeypatch.setattr(owner, name, real)
            if when == "after":
                real(*args, **kwargs)
            raise Killed

        monkeypatch.setattr(owner, name, deadly)

    return arrange


def steps(table: list[tuple[Any, str]]) -> Any:
    """Return the test's parameters: before and after each step."""
    cases = [(owner, name, when) for owner, name in table for when in ("before", "after")]
    names = [f"{when}-{owner.__name__.rsplit('.', 1)[-1]}-{name}" for owner, name, when in cases]
    return pytest.mark.parametrize(("owner", "name", "when"), cases, ids=names)


def program_of(agent_id: UUID) -> list[psutil.Process]:
    return programs(processes_of(str(agent_id)))


def running(host: Host, *script: str) -> AgentView:
    """Return a waiting agent that has played its script up to the file `made`."""
    agent = host.claim(*script, "write: {path: made, content: made}", WAIT)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    return host.agent(agent.id)


@steps(STARTING)
def test_a_start_that_was_broken_off_is_completed_and_starts_one_program(
    host: Host, die: Die, owner: Any, name: str, when: str
) -> None:
    agent = host.claim("write: {path: made, content: made}", WAIT)
    die(owner, name, when)
    with pytest.raises(Killed):
        start_agent(host.worker(), agent.id)
    before = {p.pid for p in program_of(agent.id)}

    start_agent(host.worker(), agent.id)

    host.wait_for_file(agent.id, "made")
    assert host.agent(agent.id).status == "working"
    # A child looks like the program for the moment until it is another command.
    wait_until(lambda: len(program_of(agent.id)) == 1, what="one program")
    found = {p.pid for p in program_of(agent.id)}
    assert before <= found, "the one that ran was taken over"
    assert len(host.worker().tmux.sessions()) == 1
    base = host.agent(agent.id).base_commit
    assert host.origin.tip("main") == base
    assert (host.worktree(agent.id) / "README.md").exists()


@steps(FINISHING)
def test_work_whose_saving_was_broken_off_is_saved_and_merged_once(
    host: Host, die: Die, owner: Any, name: str, when: str
) -> None:
    agent = running(host)
    host.engine.report_done(agent)
    die(owner, name, when)
    with pytest.raises(Killed):
        finish_agent(host.worker(), agent.id)

    finish_agent(host.worker(), agent.id)
    integrate(host.worker())

    assert tasks.get_task(host.engine.db, agent.task_id).status == "done"
    assert_merged_once(host, agent)
    host.assert_released(agent.id)


@steps(INTEGRATING)
def test_a_merge_that_was_broken_off_is_found_and_not_made_twice(
    host: Host, die: Die, owner: Any, name: str, when: str
) -> None:
    agent = running(host)
    host.engine.report_done(agent)
    finish_agent(host.worker(), agent.id)
    die(owner, name, when)
    with pytest.raises(Killed):
        integrate(host.worker())

    integrate(host.worker())

    assert tasks.get_task(host.engine.db, agent.task_id).status == "done"
    assert_merged_once(host, agent)
    workflow = lifecycle.get_workflow(host.engine.db, host.engine.workflow_id)
    assert workflow.delivery.status == "delivered"
    assert host.origin.show("main", "made") == "made"


def assert_merged_once(host: Host, agent: AgentView) -> None:
    [merge] = changes.list_merges(host.engine.db, host.engine.workflow_id)
    assert merge.status == "merged"
    branch = lifecycle.get_workflow(host.engine.db, host.engine.workflow_id).integration_branch
    commits = host.origin.git("log", "--first-parent", "--merges", "--format=%H", branch)
    assert commits.splitlines() == [merge.commit]
    assert host.origin.show(branch, "made") == "made"


def test_a_retry_that_adds_nothing_still_hands_in_what_was_saved_before(host: Host) -> None:
    first = running(host)
    kill(processes_of(str(first.id)))
    wait_until(lambda: program_of(first.id) == [], what="the agent is dead")
    finish_agent(host.worker(), first.id)
    assert host.agent(first.id).failure_class == "transient"
    tasks.bump_task(host.engine.db, first.task_id)

    second = host.engine.claimed()
    start_agent(host.worker(), second.id)
    host.wait_for_file(second.id, "made")
    host.engine.report_done(second)
    finish_agent(host.worker(), second.id)
    integrate(host.worker())

    assert_merged_once(host, first)


def test_a_bell_that_comes_late_ends_and_starts_nobody(host: Host) -> None:
    agent = running(host)
    [program] = program_of(agent.id)

    assert not finish_agent(host.worker(), agent.id)
    start_agent(host.worker(), agent.id)

    assert [p.pid for p in program_of(agent.id)] == [program.pid]
    assert host.agent(agent.id).status == "working"


def test_a_task_that_is_cancelled_while_it_is_started_leaves_nothing(host: Host, die: Die) -> None:
    for owner, name in STARTING:
        agent = host.claim(WAIT)
        die(owner, name, "after")
        with pytest.raises(Killed):
            start_agent(host.worker(), agent.id)
        tasks.cancel_task(host.engine.db, agent.task_id)

        start_agent(host.worker(), agent.id)
        finish_agent(host.worker(), agent.id)

        assert host.agent(agent.id).status == "finished"
        host.assert_released(agent.id)
