"""Conditions of workflows, as they come about."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.agents.views import Trouble
from hephaestus_core.changes import service as changes
from hephaestus_core.changes.rules import MergeReport
from hephaestus_core.clock import utcnow
from hephaestus_core.conditions.views import ConditionView
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.statuses import DeliveryStatus, MergeStatus
from hephaestus_core.hosts import service as hosts
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.results import service as results
from hephaestus_core.summaries.service import summarize
from hephaestus_core.tasks import service as tasks
from tests.engine import Engine
from tests.statements import counted


def stands(engine: Engine, workflow_id: UUID | None = None) -> ConditionView:
    found = lifecycle.get_workflow(engine.db, workflow_id or engine.workflow_id).condition
    assert summarize(engine.db, workflow_id or engine.workflow_id).condition == found
    return found


def deliver(
    engine: Engine, status: DeliveryStatus = DeliveryStatus.DELIVERED, reason: str | None = None
) -> None:
    for job in changes.due_deliveries(engine.db):
        changes.record_delivery(engine.db, job, status=status, reason=reason, commit="d")


def named(condition: ConditionView) -> tuple[str, str | None]:
    return condition.name, condition.cause


def test_from_launch_to_quiet_and_on(engine: Engine) -> None:
    engine.with_host("a")
    engine.start_workflow()
    assert named(stands(engine)) == ("quiet", None)
    engine.create()
    hosts.set_drain(engine.db, "a", drain=True)
    assert named(stands(engine)) == ("stands_still", "no_host")
    hosts.set_drain(engine.db, "a", drain=False)
    assert named(stands(engine)) == ("at_work", None)
    agent = engine.run(engine.claimed())
    assert stands(engine).reason == "1 agent at work."
    engine.finish(agent)
    assert named(stands(engine)) == ("at_work", None), "its work is still to be delivered"
    deliver(engine)
    assert named(stands(engine)) == ("quiet", None)
    assert stands(engine).finished
    engine.create()
    assert named(stands(engine)) == ("at_work", None)


def test_a_task_that_fails_for_good_keeps_its_workflow_standing(engine: Engine) -> None:
    engine.with_host("a")
    engine.start_workflow()
    engine.create("Mend the boat\nwith tar")
    engine.end(engine.run(engine.claimed()), failure=Trouble("permanent", "no such model"))
    deliver(engine)
    found = stands(engine)
    assert named(found) == ("stands_still", "tasks_failed")
    assert "“Mend the boat" in found.reason
    assert "no such model" in found.reason


def test_all_is_over_but_the_expected_result(engine: Engine) -> None:
    engine.with_host("a")
    engine.start_workflow(has_result=True)
    engine.create()
    author = engine.run(engine.claimed())
    engine.finish(author)
    assert named(stands(engine)) == ("stands_still", "result_missing")
    assert stands(engine).reason.endswith("; no task was created in: fix.")
    engine.create()
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="works")
    engine.finish(author)
    reviewer = engine.run(engine.claimed())
    results.judge(engine.db, reviewer.id, passed=False, feedback="no test")
    engine.end(reviewer, commit=None)
    engine.merge_due()
    assert named(stands(engine)) == ("stands_still", "result_rejected")
    assert stands(engine).reason.endswith(": no test.")


def test_a_quota_says_until_when(engine: Engine) -> None:
    engine.with_host("a")
    engine.start_workflow()
    engine.create()
    until = utcnow() + timedelta(hours=1)
    trouble = Trouble("quota", "used up", until=until)
    engine.end(engine.run(engine.claimed()), failure=trouble, commit=None)
    found = stands(engine)
    assert named(found) == ("stands_still", "quota")
    assert found.until is not None
    assert found.until >= until


def test_limits_labels_and_hosts_that_are_gone(engine: Engine) -> None:
    engine.with_host("a", slots=1)
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    other = engine.launch()
    engine.create()
    assert named(stands(engine, other.id)) == ("stands_still", "limit")
    hosts.register(engine.db, "a", slots=5, labels=[], lease_seconds=60, most_in_system=1)
    assert named(stands(engine, other.id)) == ("stands_still", "limit")
    hosts.register(engine.db, "a", slots=5, labels=[], lease_seconds=60, most_in_system=2)
    assert named(stands(engine, other.id)) == ("at_work", None)
    hosts.set_drain(engine.db, "a", drain=True)
    assert stands(engine, other.id).reason == "No host takes agents: a is draining."
    assert named(stands(engine, UUID(str(agent.workflow_id)))) == ("at_work", None)


def test_what_waits_for_a_person(engine: Engine) -> None:
    engine.with_host("a")
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    engine.report_done(agent)
    engine.end(agent)
    [job] = changes.due_merges(engine.db)
    changes.record_held(engine.db, job.merge_id, reason="it is checked out elsewhere")
    assert named(stands(engine)) == ("waits_for_you", "held_merge")
    changes.record_merge(engine.db, job.merge_id, MergeReport(MergeStatus.MERGED, "m"))
    deliver(engine, DeliveryStatus.HELD, "main is dirty")
    found = stands(engine)
    assert named(found) == ("waits_for_you", "held_delivery")
    assert "main is dirty" in found.reason
    assert found.finished


def test_a_duration_ends_with_the_last_task(engine: Engine) -> None:
    engine.with_host("a")
    started = engine.start_workflow()
    engine.create()
    engine.finish(engine.run(engine.claimed()))
    with engine.db.transaction() as session:
        session.execute(text("UPDATE workflows SET created_at = created_at - interval '3 hours'"))
        session.execute(text("UPDATE tasks SET completed_at = completed_at - interval '2 hours'"))
    found = lifecycle.get_workflow(engine.db, started.id)
    assert found.ended_at is not None
    assert found.duration_seconds == pytest.approx(3600, abs=120)
    assert summarize(engine.db, started.id).duration_seconds == found.duration_seconds
    engine.create()
    again = lifecycle.get_workflow(engine.db, started.id)
    assert again.ended_at is None
    assert again.duration_seconds > 3 * 3600 - 120


def test_workflows_are_listed_by_condition(engine: Engine) -> None:
    engine.with_host("a", slots=20)
    quiet = [engine.start_workflow().id for _ in range(3)]
    at_work = engine.launch().id
    engine.create()
    over = engine.launch().id
    lifecycle.stop_workflow(engine.db, over)
    wanted = {"quiet": quiet[::-1], "at_work": [at_work], "over": [over], "stands_still": []}
    for condition, ids in wanted.items():
        found, _ = lifecycle.list_workflows(engine.db, condition=condition)
        assert [item.id for item in found] == ids
        assert {item.condition.name for item in found} <= {condition}
    page, cursor = lifecycle.list_workflows(engine.db, condition="quiet", limit=2)
    rest, end = lifecycle.list_workflows(engine.db, condition="quiet", limit=2, cursor=cursor)
    assert ([item.id for item in page + rest], end) == (quiet[::-1], None)
    with pytest.raises(InvalidInput, match="did you mean 'quiet'"):
        lifecycle.list_workflows(engine.db, condition="quite")


@pytest.mark.parametrize("condition", [None, *Condition])
def test_many_workflows_cost_as_many_statements_as_one(
    engine: Engine, condition: str | None
) -> None:
    engine.with_host("a", slots=2)
    for number in range(12):
        engine.start_workflow()
        for _ in range(number % 3):
            engine.create()
        if number % 4 == 0:
            lifecycle.stop_workflow(engine.db, engine.workflow_id)

    with counted(engine.db) as one:
        lifecycle.list_workflows(engine.db, condition=condition, limit=1)
    with counted(engine.db) as all_of_them:
        lifecycle.list_workflows(engine.db, condition=condition, limit=50)
    assert len(all_of_them) <= len(one) + 4, "what waits and hosts are asked for once, if at all"
    assert len(all_of_them) < 22


def test_a_cancelled_task_leaves_its_workflow_quiet(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    tasks.cancel_task(engine.db, task.id)
    deliver(engine)
    assert named(stands(engine)) == ("quiet", None)
