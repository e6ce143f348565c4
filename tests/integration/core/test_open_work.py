"""What is open comes to an end: merges of cancelled tasks, conflicts, deliveries, lost attempts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.agents import leases, reports
from hephaestus_core.agents import service as agents
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.changes import service as changes
from hephaestus_core.changes.diffs import record_attempt_diff
from hephaestus_core.changes.rules import MergeReport
from hephaestus_core.contract.diffs import Diff, FileChange
from hephaestus_core.contract.errors import Conflict
from hephaestus_core.hosts import service as hosts
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.approving import approve_delivery
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.summaries.service import summarize
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.views import TaskView
from tests.engine import Engine

CONFLICT = MergeReport("conflict", conflicts=[{"path": "a.py", "kind": "content", "kept": "both"}])


def _reported(engine: Engine, task: TaskView | None = None) -> tuple[TaskView, AgentView]:
    """Return a task whose work waits to be merged, with its agent, which has ended."""
    task = task or engine.create()
    agent = engine.run(engine.claimed())
    assert agent.task_id == task.id
    engine.report_done(agent)
    engine.end(agent)
    return task, agent


def _sql(engine: Engine, statement: str, **values: object) -> None:
    with engine.db.transaction() as session:
        session.execute(text(statement), values)


def _silence(engine: Engine, *, of_agents: bool = True) -> None:
    _sql(engine, "UPDATE hosts SET lease_expires_at = now() - interval '1 second' WHERE name = 'a'")
    if of_agents:
        _sql(engine, "UPDATE agents SET lease_expires_at = now() - interval '1 second'")


def _lose(engine: Engine) -> list[str]:
    """Look at the leases twice: the first look may only suspect the host."""
    return leases.expire(engine.db, confirm_seconds=0) or leases.expire(
        engine.db, confirm_seconds=0
    )


def _delivery(engine: Engine) -> str:
    return lifecycle.get_workflow(engine.db, engine.workflow_id).delivery.status


# Merges


@pytest.mark.parametrize("conflicted", [False, True])
def test_work_of_a_cancelled_task_is_merged_no_more(engine: Engine, conflicted: bool) -> None:
    engine.start_workflow()
    task, agent = _reported(engine)
    [job] = changes.due_merges(engine.db)
    if conflicted:
        changes.record_merge(engine.db, job.merge_id, CONFLICT)
    tasks.cancel_task(engine.db, task.id)
    _sql(engine, "UPDATE merges SET merged_at = now() - interval '1 hour'")

    assert changes.due_merges(engine.db) == []
    for job in changes.due_deliveries(engine.db):
        changes.record_delivery(engine.db, job, status="delivered", commit=None, reason=None)
    assert summarize(engine.db, engine.workflow_id).finished
    [merge] = changes.list_merges(engine.db, engine.workflow_id)
    assert (merge.status, merge.agent_id) == ("dropped", agent.id)


def test_a_merge_that_was_under_way_when_its_task_was_cancelled_is_recorded(
    engine: Engine,
) -> None:
    engine.start_workflow()
    task, _ = _reported(engine)
    [job] = changes.due_merges(engine.db)
    tasks.cancel_task(engine.db, task.id)

    assert not changes.record_merge(engine.db, job.merge_id, CONFLICT)
    assert changes.record_merge(engine.db, job.merge_id, MergeReport("merged", "abc"))

    seen = tasks.get_task(engine.db, task.id)
    assert (seen.status, seen.merge_commit) == ("cancelled", "abc")


def test_what_was_reported_and_then_cancelled_is_gone_on_with_after_a_restart(
    engine: Engine,
) -> None:
    engine.start_workflow()
    task, agent = _reported(engine)
    tasks.cancel_task(engine.db, task.id)
    tasks.restart_task(engine.db, task.id)
    with engine.db.reading() as session:
        found = session.scalar(text("SELECT start_commit FROM tasks"))
    assert found == f"commit-of-{agent.id}"
    _, again = _reported(engine, task)
    [job] = changes.due_merges(engine.db)
    assert job.agent_id == again.id


def test_a_bump_does_not_outlive_a_restart(engine: Engine) -> None:
    engine.start_workflow(max_agents=1)
    engine.create()
    engine.claimed()
    task = engine.create()
    tasks.bump_task(engine.db, task.id)
    tasks.cancel_task(engine.db, task.id)
    tasks.restart_task(engine.db, task.id)
    assert engine.claim() is None


# Conflicts that agents are to resolve


def _resolvers(engine: Engine) -> list[TaskView]:
    found = tasks.list_tasks(engine.db, workflow_id=engine.workflow_id).items
    return [task for task in found if task.kind == "conflict"]


def _conflicted(engine: Engine) -> UUID:
    engine.define()
    order = LaunchOrder(definition_id="wf", repository="/nowhere", conflict_resolution="agent")
    engine.workflow_id = lifecycle.start_workflow(engine.db, order).id
    _reported(engine)
    [job] = changes.due_merges(engine.db)
    changes.record_merge(engine.db, job.merge_id, CONFLICT)
    return job.merge_id


@pytest.mark.parametrize(
    ("asked", "defined", "holds"),
    [("manual", "agent", "manual"), (None, "agent", "agent"), (None, None, "newest_file_wins")],
)
def test_the_policy_is_that_of_the_launch_else_of_the_definition_else_of_the_settings(
    engine: Engine, asked: str | None, defined: str | None, holds: str
) -> None:
    engine.define(conflict_resolution=defined)
    order = LaunchOrder(definition_id="wf", repository="/nowhere", conflict_resolution=asked)
    assert lifecycle.start_workflow(engine.db, order).conflict_resolution == holds


def test_a_conflict_gets_a_second_resolver_when_the_first_one_fails_and_then_goes_to_people(
    engine: Engine,
) -> None:
    merge_id = _conflicted(engine)
    for tried in (1, 2):
        assert len(_resolvers(engine)) == tried
        changes.record_merge(engine.db, merge_id, CONFLICT)
        assert len(_resolvers(engine)) == tried, "one at a time"
        engine.end(engine.claimed(), failure=Trouble("permanent", "cannot"), commit=None)
        changes.record_merge(engine.db, merge_id, CONFLICT)
    changes.record_merge(engine.db, merge_id, CONFLICT)

    assert len(_resolvers(engine)) == 2
    told = engine.events("merge.conflicted")
    assert [bool(event.data["reason"]) for event in told] == [False, True]
    assert "by hand" in (changes.get_merge(engine.db, merge_id).reason or "")


def test_work_of_resolvers_that_conflicts_again_goes_to_people_after_four(engine: Engine) -> None:
    _conflicted(engine)
    for tried in (1, 2, 3, 4):
        assert len(_resolvers(engine)) == tried
        resolver = next(task for task in _resolvers(engine) if task.status == "queued")
        assert resolver.title.count("Resolve the conflict of") == 1
        _reported(engine, resolver)
        for job in changes.due_merges(engine.db):
            changes.record_merge(engine.db, job.merge_id, CONFLICT)

    assert len(_resolvers(engine)) == 4
    left = [merge.reason for merge in changes.list_merges(engine.db, engine.workflow_id)]
    assert ["by hand" in (reason or "") for reason in left] == [False] * 4 + [True]


def test_in_a_closed_workflow_the_newest_file_wins_where_no_agent_can_be_asked(
    engine: Engine,
) -> None:
    merge_id = _conflicted(engine)
    _sql(engine, "UPDATE merges SET merged_at = now() - interval '1 hour'")
    [job] = changes.due_merges(engine.db)
    assert (job.merge_id, job.conflict_resolution) == (merge_id, "agent")
    _sql(engine, "UPDATE workflows SET status = 'completed'")
    [job] = changes.due_merges(engine.db)
    assert job.conflict_resolution == "newest_file_wins"


def test_a_conflict_of_very_long_work_can_be_given_to_an_agent(engine: Engine) -> None:
    engine.define()
    order = LaunchOrder(definition_id="wf", repository="/nowhere", conflict_resolution="agent")
    engine.workflow_id = lifecycle.start_workflow(engine.db, order).id
    _reported(engine, engine.create("x" * 200_000))
    [job] = changes.due_merges(engine.db)
    paths = [{"path": f"{number}.py", "kind": "content", "kept": "both"} for number in range(9999)]
    changes.record_merge(engine.db, job.merge_id, MergeReport("conflict", conflicts=paths))
    [resolver] = _resolvers(engine)
    assert "and 9899 more" in resolver.description
    assert len(resolver.description) < 50_000


def test_a_resolver_reads_the_intent_of_both_sides(engine: Engine) -> None:
    merge_id = _conflicted(engine)
    _sql(engine, "UPDATE tasks SET status = 'cancelled' WHERE kind = 'conflict'")
    task, agent = _reported(engine, engine.create("Count from zero"))
    changed = [FileChange("shared.py", 1, 0)]
    diff = Diff("base", "tip", 1, 1, 0, changed, patch="", truncated=False)
    record_attempt_diff(engine.db, agent.id, diff)
    engine.merge_due()
    report = MergeReport("conflict", conflicts=[{"path": "shared.py", "kind": "x", "kept": "both"}])
    changes.record_merge(engine.db, merge_id, report)
    text_of = _resolvers(engine)[0].description
    merge = changes.get_merge(engine.db, merge_id)
    for words in (str(task.id), "Count from zero", f"commit-of-{agent.id}", merge.tip):
        assert words in text_of


# Deliveries


@pytest.mark.parametrize("status", ["pending", "held", "awaiting_approval", "conflict"])
def test_stopping_withdraws_a_delivery_that_is_still_to_come(engine: Engine, status: str) -> None:
    engine.start_workflow()
    _reported(engine)
    engine.merge_due()
    _sql(engine, "UPDATE workflows SET delivery_status = :status", status=status)

    lifecycle.stop_workflow(engine.db, engine.workflow_id)

    assert _delivery(engine) == "none"
    assert changes.due_deliveries(engine.db) == []
    with pytest.raises(Conflict):
        approve_delivery(engine.db, engine.workflow_id)


@pytest.mark.parametrize("auto_merge", [True, False])
def test_a_workflow_whose_only_task_failed_has_nothing_to_deliver(
    engine: Engine, auto_merge: bool
) -> None:
    order = LaunchOrder(definition_id=engine.define(), repository="/nowhere", auto_merge=auto_merge)
    engine.workflow_id = lifecycle.start_workflow(engine.db, order).id
    task = engine.create()
    engine.end(engine.claimed(), failure=Trouble("permanent", "no way"), commit=None)

    assert _delivery(engine) == "none"
    assert changes.due_deliveries(engine.db) == []
    condition = lifecycle.get_workflow(engine.db, engine.workflow_id).condition
    assert (condition.name, condition.finished) == ("stands_still", True)
    assert "1 task failed for good" in condition.reason
    assert "no way" in condition.reason

    tasks.restart_task(engine.db, task.id)
    _reported(engine, task)
    engine.merge_due()
    assert _delivery(engine) == ("pending" if auto_merge else "awaiting_approval")


def test_work_that_is_merged_is_delivered_though_its_task_failed_later(engine: Engine) -> None:
    engine.start_workflow()
    task, _ = _reported(engine)
    other = engine.create()
    engine.merge_due()
    assert _delivery(engine) == "none", "a task is still live"
    tasks.cancel_task(engine.db, other.id)
    tasks.restart_task(engine.db, task.id)
    engine.end(engine.claimed(), failure=Trouble("permanent", "no way"), commit=None)
    assert engine.status(task) == "failed"
    assert _delivery(engine) == "pending"


def test_a_late_report_of_an_earlier_delivery_leaves_later_work_to_be_brought(
    engine: Engine,
) -> None:
    engine.start_workflow()
    _reported(engine)
    engine.merge_due()
    [earlier] = changes.due_deliveries(engine.db)
    _reported(engine)
    engine.merge_due()

    changes.record_delivery(engine.db, earlier, status="delivered", commit="old", reason=None)

    assert _delivery(engine) == "pending"
    [later] = changes.due_deliveries(engine.db)
    changes.record_delivery(engine.db, later, status="delivered", commit="new", reason=None)
    assert _delivery(engine) == "delivered"


# Hosts that are lost


def test_what_a_person_decided_of_an_attempt_outlives_its_host(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    agents.request_stop(engine.db, agent.id, reason="not wanted")
    reports.report_status(engine.db, agent.id, status="failed", failure_reason="was stopped")
    _silence(engine)

    assert _lose(engine) == ["a"]

    seen = tasks.get_task(engine.db, task.id)
    assert (seen.status, seen.failure_class) == ("failed", "permanent")
    assert "not wanted" in (seen.failure_reason or "")


def test_a_quota_that_was_seen_outlives_its_host(engine: Engine) -> None:
    until = datetime.now(UTC) + timedelta(hours=3)
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    _sql(
        engine,
        "UPDATE agents SET failure_class = 'quota', failure_until = :until WHERE id = :id",
        until=until,
        id=agent.id,
    )
    _silence(engine)
    _lose(engine)
    with engine.db.reading() as session:
        due = session.scalar(text("SELECT due_at FROM tasks"))
    assert due >= until


def test_a_task_that_was_cancelled_before_its_host_was_lost_keeps_what_was_saved(
    engine: Engine,
) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    _sql(engine, "UPDATE agents SET checkpoint_commit = 'saved' WHERE id = :id", id=agent.id)
    tasks.cancel_task(engine.db, task.id)
    _silence(engine)
    _lose(engine)
    with engine.db.reading() as session:
        assert session.scalar(text("SELECT start_commit FROM tasks")) == "saved"


def test_a_host_is_lost_only_with_the_last_of_its_attempts(engine: Engine) -> None:
    """An attempt that was claimed in the last moment has a lease beyond its host's own."""
    engine.start_workflow()
    task = engine.create()
    engine.run(engine.claimed())
    _silence(engine, of_agents=False)

    assert _lose(engine) == []
    assert [host.status for host in hosts.list_hosts(engine.db)] == ["active"]

    _silence(engine)
    assert _lose(engine) == ["a"]
    assert engine.status(task) == "queued"


# Waiting for people


def test_a_conflict_that_is_left_to_people_ends_a_wait_until_somebody_has_merged(
    engine: Engine,
) -> None:
    engine.define()
    order = LaunchOrder(definition_id="wf", repository="/nowhere", conflict_resolution="manual")
    engine.workflow_id = lifecycle.start_workflow(engine.db, order).id
    task, agent = _reported(engine)
    other = engine.create()
    [job] = changes.due_merges(engine.db)
    changes.record_merge(engine.db, job.merge_id, CONFLICT)
    assert not summarize(engine.db, engine.workflow_id).finished, "the other task goes on"
    tasks.cancel_task(engine.db, other.id)

    account = summarize(engine.db, engine.workflow_id)
    assert account.finished
    [left] = account.left_to_people
    assert (left.task_id, left.branch, left.paths) == (task.id, agent.branch, ["a.py"])

    changes.record_merge(engine.db, job.merge_id, MergeReport("merged", "by-hand"))
    account = summarize(engine.db, engine.workflow_id)
    assert (account.finished, account.left_to_people) == (False, [])
    assert _delivery(engine) == "pending"
