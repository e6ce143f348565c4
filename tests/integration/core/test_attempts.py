import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from hephaestus_core.agents import hosting, leases, reports
from hephaestus_core.agents import service as agents
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.errors import InvalidInput, StaleAttempt, TransitionRefused
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.tasks import service as tasks
from tests.engine import Engine


def _silence(engine: Engine, host: str = "a") -> None:
    """Let the host's leases run out, as if it had been silent for a while."""
    with engine.db.transaction() as session:
        past = "now() - interval '1 second'"
        session.execute(
            text(f"UPDATE hosts SET lease_expires_at = {past} WHERE name = :host"), {"host": host}
        )
        session.execute(
            text(f"UPDATE agents SET lease_expires_at = {past} WHERE host = :host"), {"host": host}
        )


def claimed_now(engine: Engine) -> AgentView:
    """Claim the queued task, however long it was to wait."""
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))
    return engine.claimed()


def test_a_task_goes_its_way_to_done(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()

    agent = engine.claimed()
    assert engine.status(task) == "assigned"
    engine.run(agent)
    assert engine.status(task) == "in_progress"
    engine.report_done(agent)
    assert engine.status(task) == "under_review"
    engine.end(agent)
    assert engine.status(task) == "under_review"
    engine.merge_due()

    done = tasks.get_task(engine.db, task.id)
    assert done.status == "done"
    assert done.merge_commit
    assert done.summary == "did it"


def test_reports_said_twice_change_nothing_more(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    engine.run(agent)
    engine.report_done(agent)
    engine.report_done(agent)
    assert engine.end(agent)
    assert not engine.end(agent)
    assert engine.merge_due() == 1
    assert engine.merge_due() == 0

    assert engine.status(task) == "done"
    changes = [e.data["to"] for e in engine.events("task.status_changed")]
    assert changes == ["queued", "assigned", "in_progress", "under_review", "done"]


def test_an_attempt_that_ends_without_a_report_is_tried_again_from_its_saved_work(
    engine: Engine,
) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())

    engine.end(agent, commit="saved", failure=Trouble("transient", "killed"))

    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))
    second = engine.claimed()
    assert (second.task_id, second.attempt) == (task.id, 2)
    assert hosting.launch_plan(engine.db, second.id).start_commit == "saved"


def test_a_permanent_failure_is_not_tried_again(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    engine.end(engine.claimed(), failure=Trouble("permanent", "no such branch"))

    failed = tasks.get_task(engine.db, task.id)
    assert failed.status == "failed"
    assert failed.failure_reason == "no such branch"


def test_an_agent_that_gives_up_is_tried_three_times_in_all(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    for _ in range(3):
        agent = engine.run(claimed_now(engine))
        reports.report_status(engine.db, agent.id, status="failed", failure_reason="too hard")
        engine.end(agent)

    failed = tasks.get_task(engine.db, task.id)
    assert (failed.status, failed.attempt) == ("failed", 3)
    assert failed.failure_class == "agent_fault"


def test_a_silent_host_loses_its_attempts_only_when_silence_is_confirmed(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    hosting.record_checkpoint(
        engine.db, agent.id, fence=agent.fence, commit="checkpoint", waiting=[]
    )
    _silence(engine)

    assert leases.expire(engine.db, confirm_seconds=0) == []
    assert engine.status(task) == "in_progress"
    assert leases.expire(engine.db, confirm_seconds=0) == ["a"]

    assert engine.status(task) == "queued"
    assert agents.get_agent(engine.db, agent.id).status == "lost"


def test_sweeps_at_once_lose_a_silent_host_and_its_attempts_once(engine: Engine) -> None:
    engine.start_workflow()
    for _ in range(4):
        engine.create()
        engine.run(engine.claimed())
    _silence(engine)
    leases.expire(engine.db, confirm_seconds=0)
    barrier = threading.Barrier(6)

    def sweep(_: int) -> list[str]:
        barrier.wait()
        return leases.expire(engine.db, confirm_seconds=0)

    with ThreadPoolExecutor(6) as pool:
        lost = [name for names in pool.map(sweep, range(6)) for name in names]

    assert lost == ["a"]
    with engine.db.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM events WHERE type = 'host.lost'")) == 1
        assert session.scalar(text("SELECT count(*) FROM agents WHERE status = 'lost'")) == 4


def test_a_host_that_speaks_again_in_time_keeps_everything(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    engine.run(engine.claimed())
    _silence(engine)
    leases.expire(engine.db, confirm_seconds=0)

    leases.renew(engine.db, "a", lease_seconds=60)

    assert leases.expire(engine.db, confirm_seconds=0) == []
    assert engine.status(task) == "in_progress"


def test_every_report_of_an_older_attempt_is_refused_and_recorded(engine: Engine) -> None:
    engine.with_host("b").start_workflow()
    task = engine.create()
    old = engine.run(engine.claimed("a"))
    _silence(engine)
    leases.expire(engine.db, confirm_seconds=0)
    leases.expire(engine.db, confirm_seconds=0)
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))
    new = engine.run(engine.claimed("b"))

    order = TaskOrder(workflow_id=engine.workflow_id, description="x", phase_id=1)
    for report in (
        lambda: engine.report_done(old),
        lambda: engine.run(old),
        lambda: hosting.record_checkpoint(
            engine.db, old.id, fence=old.fence, commit="late", waiting=[]
        ),
        lambda: reports.create_task(engine.db, old.id, order),
        lambda: hosting.launch_plan(engine.db, old.id),
    ):
        with pytest.raises(StaleAttempt):
            report()
    assert not engine.end(old)

    current = tasks.get_task(engine.db, task.id)
    assert (current.status, current.agent_id) == ("in_progress", new.id)
    assert len(engine.events("agent.report_refused")) >= 5
    engine.finish(new)
    assert engine.status(task) == "done"


def test_a_report_with_another_fence_is_refused(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.claimed()

    with pytest.raises(StaleAttempt):
        hosting.record_running(engine.db, agent.id, fence=agent.fence + 1)


def test_a_child_waits_for_its_creators_work_to_be_saved(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    order = TaskOrder(workflow_id=engine.workflow_id, description="child", phase_id=2)
    child = reports.create_task(engine.db, agent.id, order)
    assert (child.status, child.parent_task_id) == ("pending", agent.task_id)
    [row] = hosting.agents_of(engine.db, "a")
    assert row.awaited is True

    hosting.record_checkpoint(
        engine.db, agent.id, fence=agent.fence, commit="seen", waiting=[child.id]
    )

    started = engine.claimed()
    assert started.task_id == child.id
    assert hosting.launch_plan(engine.db, started.id).start_commit == "seen"


def test_a_child_that_is_created_while_work_is_saved_waits_for_the_next_time(
    engine: Engine,
) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    early, late = (
        TaskOrder(workflow_id=engine.workflow_id, description=name, phase_id=2)
        for name in ("early", "late")
    )
    first = reports.create_task(engine.db, agent.id, early)
    waiting = hosting.waiting_for(engine.db, agent.id)
    second = reports.create_task(engine.db, agent.id, late)
    hosting.record_checkpoint(engine.db, agent.id, fence=agent.fence, commit="old", waiting=waiting)
    assert (engine.status(first), engine.status(second)) == ("queued", "pending")
    waiting = hosting.waiting_for(engine.db, agent.id)
    hosting.record_checkpoint(engine.db, agent.id, fence=agent.fence, commit="new", waiting=waiting)
    assert engine.status(second) == "queued"
    commits = {tasks.get_task(engine.db, t.id).id: c for t, c in ((first, "old"), (second, "new"))}
    for _ in range(2):
        started = engine.claimed()
        assert hosting.launch_plan(engine.db, started.id).start_commit == commits[started.task_id]


def test_cancelling_takes_the_task_from_its_agent(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())

    tasks.cancel_task(engine.db, task.id)

    [row] = hosting.agents_of(engine.db, "a")
    assert row.task_status == "cancelled"
    engine.end(agent)
    assert engine.status(task) == "cancelled"
    with pytest.raises(TransitionRefused):
        tasks.cancel_task(engine.db, task.id)


def test_a_restarted_task_counts_its_failures_anew(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    for _ in range(2):
        for _ in range(2):
            engine.end(claimed_now(engine), failure=Trouble("agent_fault", "no report"))
            assert engine.status(task) == "queued"
        engine.end(claimed_now(engine), failure=Trouble("agent_fault", "no report"))
        failed = tasks.get_task(engine.db, task.id)
        assert failed.failure_reason == "no report"
        assert failed.status == "failed"

        again = tasks.restart_task(engine.db, task.id)
        assert (again.status, again.failure_reason) == ("queued", None)


def test_failures_of_the_machine_do_not_use_up_the_agents_own_chances(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    for class_ in ("transient", "transient", "agent_fault", "transient", "agent_fault"):
        engine.end(claimed_now(engine), failure=Trouble(class_, "went wrong"))
        assert engine.status(task) == "queued"
    engine.end(claimed_now(engine), failure=Trouble("agent_fault", "went wrong"))
    assert engine.status(task) == "failed"
    assert "gave up after 3 attempts that ended so" in str(engine.events("task.status_changed")[-1])


def test_done_needs_a_summary(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    with pytest.raises(InvalidInput, match="summary"):
        engine.report_done(agent, summary="  ")


@pytest.mark.parametrize("status", ["queued", "in_progress", "under_review"])
def test_a_task_that_has_not_ended_is_not_restarted(engine: Engine, status: str) -> None:
    engine.start_workflow()
    task = engine.create()
    if status != "queued":
        agent = engine.run(engine.claimed())
    if status == "under_review":
        engine.report_done(agent)

    with pytest.raises(TransitionRefused, match=f"is {status}; only a task that has ended"):
        tasks.restart_task(engine.db, task.id)

    assert engine.status(task) == status


def test_a_stopped_agents_task_fails_and_can_be_restarted(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    agents.request_stop(engine.db, agent.id)
    engine.end(agent)

    assert tasks.get_task(engine.db, task.id).failure_class == "permanent"
    assert tasks.restart_task(engine.db, task.id).status == "queued"
