"""Unsavable work frees its slot, stays on its host, is reported, and is saved later."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from hephaestus_core.agents import leases, reports
from hephaestus_core.agents.views import AgentView
from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.changes import service as changes
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.views import TaskView
from hephaestus_worker.agents.checkpoints import checkpoint_agent
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.keeping import PATIENCE
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.passes.integrating import integrate
from hephaestus_worker.passes.reconcile import reconcile
from hephaestus_worker.shutdown import end_agents
from tests.integration.host.conftest import Host

WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"

Trouble = Callable[[Host], AbstractContextManager[None]]


def working(host: Host) -> AgentView:
    """Return a waiting agent that has written the file `made`."""
    agent = host.claim("write: {path: made, content: made}", WAIT)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    return host.agent(agent.id)


@contextmanager
def refusing(host: Host) -> Iterator[None]:
    """Make the origin refuse the branches of attempts, like an origin with a size limit."""
    hook = host.origin.path / ".git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\ngrep -q refs/heads/hephaestus/task/ || exit 0\n"
        "echo 'made is larger than the limit of 1 byte' >&2\nexit 1\n"
    )
    hook.chmod(0o755)
    yield
    hook.unlink()


@contextmanager
def gone(host: Host) -> Iterator[None]:
    """Delete the origin."""
    elsewhere = host.origin.path.with_name("elsewhere")
    host.origin.path.rename(elsewhere)
    yield
    elsewhere.rename(host.origin.path)


@contextmanager
def locked(host: Host, agent: AgentView) -> Iterator[None]:
    """Lock the attempt's branch in the origin, like another git process."""
    lock = host.origin.path / ".git" / "refs" / "heads" / f"{agent.branch}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    yield
    lock.unlink()


def finish_in_vain(host: Host, agent: AgentView) -> None:
    with pytest.raises(RepositoryError):
        finish_agent(host.worker(), agent.id)


def task_of(host: Host, agent: AgentView) -> TaskView:
    return tasks.get_task(host.engine.db, agent.task_id)


def told(host: Host, *types: str) -> list[str]:
    return [event.type for event in host.engine.events() if event.type in types]


def after_patience(host: Host) -> None:
    """Let the time pass for which an attempt waits."""
    with host.engine.db.transaction() as session:
        earlier = {"waited": timedelta(seconds=PATIENCE)}
        session.execute(text("UPDATE agents SET unsaved_since = unsaved_since - :waited"), earlier)


@pytest.mark.parametrize("trouble", [refusing, gone])
def test_an_origin_that_refuses_or_is_away_for_a_while_fails_no_task(
    host: Host, trouble: Trouble
) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    with trouble(host):
        finish_in_vain(host, agent)
        finish_in_vain(host, agent)
        assert task_of(host, agent).status == "under_review"

    assert finish_agent(host.worker(), agent.id)
    integrate(host.worker())

    assert task_of(host, agent).status == "done"
    assert host.engine.events("agent.work_kept") == []
    host.assert_released(agent.id)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (refusing, "larger than the limit"),
        (gone, "does not exist"),
    ],
)
def test_work_that_is_refused_fails_its_task_and_is_saved_once_that_is_possible(
    host: Host, trouble: Trouble, words: str
) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    with trouble(host):
        finish_in_vain(host, agent)
        after_patience(host)
        finish_in_vain(host, agent)

        ended, task = host.agent(agent.id), task_of(host, agent)
        assert (ended.status, task.status) == ("finished", "failed"), "the slot is free"
        assert ended.unsaved_since is not None
        assert task.failure_class == "permanent"
        reason = str(task.failure_reason)
        assert words in reason
        assert f"kept on host 'a' in {host.worktree(agent.id)}" in reason
        assert changes.list_merges(host.engine.db, host.engine.workflow_id) == []
        assert (host.worktree(agent.id) / "made").read_text() == "made"
        [kept] = host.engine.events("agent.work_kept")
        assert kept.data["path"] == str(host.worktree(agent.id))
        assert words in kept.data["reason"]

    finish_agent(host.worker(), agent.id)

    assert host.origin.show(agent.branch, "made") == "made"
    assert host.agent(agent.id).unsaved_since is None
    assert told(host, "agent.work_saved", "agent.released") == [
        "agent.work_saved",
        "agent.released",
    ]
    host.assert_released(agent.id)


def test_a_task_that_is_restarted_goes_on_from_work_that_was_saved_late(host: Host) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    with refusing(host):
        finish_in_vain(host, agent)
        after_patience(host)
        finish_in_vain(host, agent)
    finish_agent(host.worker(), agent.id)

    tasks.restart_task(host.engine.db, agent.task_id)
    second = host.engine.claimed()
    start_agent(host.worker(), second.id)

    assert (host.worktree(second.id) / "made").read_text() == "made"


def test_a_lost_attempt_is_gone_on_with_from_what_its_host_saves_at_its_return(host: Host) -> None:
    agent = working(host)
    db = host.engine.db
    with db.transaction() as session:
        for table in ("hosts", "agents"):
            earlier = f"UPDATE {table} SET lease_expires_at = now() - interval '1 minute'"
            session.execute(text(earlier))
    for _ in range(2):  # a first look finds the silence, a second one confirms it
        leases.expire(db, confirm_seconds=0)
    assert host.agent(agent.id).status == "lost"

    host.engine.with_host("a")
    tasks.bump_task(db, agent.task_id)
    assert host.engine.claim() is None, "its work is saved first"
    finish_agent(host.worker(), agent.id)
    second = host.engine.claimed()
    start_agent(host.worker(), second.id)

    base = host.agent(second.id).base_commit
    assert base is not None
    assert host.origin.show(base, "made") == "made"
    assert told(host, "agent.work_saved") == ["agent.work_saved"]


def test_a_cancelled_task_whose_work_is_refused_just_ends(host: Host) -> None:
    agent = working(host)
    tasks.cancel_task(host.engine.db, agent.task_id)
    with refusing(host):
        finish_in_vain(host, agent)
        after_patience(host)
        finish_in_vain(host, agent)

        assert task_of(host, agent).status == "cancelled"
        ended = host.agent(agent.id)
        assert ended.status == "finished"
        assert str(host.worktree(agent.id)) in str(ended.failure_reason)

    finish_agent(host.worker(), agent.id)
    assert host.origin.show(agent.branch, "made") == "made"
    host.assert_released(agent.id)


def test_what_may_pass_is_waited_for_and_told_once(host: Host) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    with locked(host, agent):
        finish_in_vain(host, agent)
        finish_in_vain(host, agent)
        assert task_of(host, agent).status == "under_review"
        [failed] = host.engine.events("agent.save_failed")
        assert "lock" in failed.data["reason"]

    assert finish_agent(host.worker(), agent.id)
    integrate(host.worker())

    assert task_of(host, agent).status == "done"
    assert host.engine.events("agent.work_kept") == []
    host.assert_released(agent.id)


def test_what_does_not_pass_for_minutes_gives_the_task_to_another_attempt(host: Host) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    with locked(host, agent):
        finish_in_vain(host, agent)
        after_patience(host)
        finish_in_vain(host, agent)

        task = task_of(host, agent)
        assert (task.status, task.failure_class) == ("queued", "transient")
        assert "kept on host 'a'" in str(task.failure_reason)

    finish_agent(host.worker(), agent.id)

    assert host.origin.show(agent.branch, "made") == "made"
    tasks.bump_task(host.engine.db, agent.task_id)
    second = host.engine.claimed()
    start_agent(host.worker(), second.id)
    assert (host.worktree(second.id) / "made").read_text() == "made", "it goes on from there"


def test_a_host_that_shuts_down_leaves_refused_work_to_the_next_worker(host: Host) -> None:
    agent = working(host)
    with refusing(host):
        end_agents(host.worker())
        assert (host.worktree(agent.id) / "made").exists()
        assert task_of(host, agent).status == "in_progress"

    finish_agent(host.worker(), agent.id)

    assert host.origin.show(agent.branch, "made") == "made"
    assert task_of(host, agent).status == "queued"
    host.assert_released(agent.id)


def test_passes_leave_an_agent_alone_for_a_while_after_each_failure(host: Host) -> None:
    agent = working(host)
    worker = host.worker()
    order = TaskOrder(workflow_id=host.engine.workflow_id, phase_id=1, description="more")
    with refusing(host):
        reports.create_task(host.engine.db, agent.id, order)
        with pytest.raises(RepositoryError):
            checkpoint_agent(worker, agent.id)
        assert rung(host, worker, agent) == set()
        host.engine.report_done(agent)
        assert rung(host, worker, agent) == {CeleryTaskName.FINISH_AGENT}, "it is another matter"
        with pytest.raises(RepositoryError):
            finish_agent(worker, agent.id)
        assert rung(host, worker, agent) == set()
        assert rung(host, host.worker(), agent) == {CeleryTaskName.FINISH_AGENT}


def rung(host: Host, worker: Machine, agent: AgentView) -> set[str]:
    """Return the bells that a pass of the worker rings for the agent."""
    host.rung.clear()
    reconcile(worker)
    return {bell.name for bell in host.rung if bell.args == (str(agent.id),)}
