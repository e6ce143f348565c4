"""A person's word on finished work: on to the base branch, or back; about what was looked at."""

import pytest

from hephaestus_core.agents.hosting import record_checkpoint, waiting_for
from hephaestus_core.changes.diffs import record_diff
from hephaestus_core.changes.service import due_deliveries, record_delivery, record_overtaken
from hephaestus_core.contract.diffs import Diff
from hephaestus_core.contract.errors import (
    CommitMoved,
    Conflict,
    InvalidInput,
)
from hephaestus_core.contract.statuses import DeliveryStatus
from hephaestus_core.lifecycle.approving import approve_delivery, send_back
from hephaestus_core.lifecycle.service import (
    LaunchOrder,
    get_workflow,
    start_workflow,
    stop_workflow,
)
from hephaestus_core.results.service import judge as give_verdict
from hephaestus_core.results.service import submit
from tests.engine import Engine

FIRST, SECOND = "a" * 40, "b" * 40


@pytest.fixture
def waiting(engine: Engine) -> Engine:
    """A workflow whose work waits for a person, at the first commit."""
    order = LaunchOrder(
        definition_id=engine.define(has_result=False), repository="/nowhere", auto_merge=False
    )
    engine.workflow_id = start_workflow(engine.db, order).id
    engine.with_host("a")
    work(engine, FIRST, "the first thing", phase_id=2)
    assert delivery(engine) == "awaiting_approval"
    return engine


def work(engine: Engine, commit: str, description: str, **order: object) -> None:
    """Have a task done; the work is at this commit afterwards."""
    task = engine.create(description, **order)
    finish(engine, commit)
    assert engine.status(task) == "done"


def diff_at(commit: str) -> Diff:
    return Diff("base", commit, 0, 0, 0, [], "", truncated=False)


def finish(engine: Engine, commit: str) -> None:
    record_diff(engine.db, engine.workflow_id, diff_at(commit))
    engine.finish(engine.run(engine.claimed()))


def delivery(engine: Engine) -> DeliveryStatus:
    return get_workflow(engine.db, engine.workflow_id).delivery.status


def test_the_commit_that_was_looked_at_is_approved_and_delivered(waiting: Engine) -> None:
    approved = approve_delivery(waiting.db, waiting.workflow_id, expected_commit=FIRST[:7])
    assert approved.delivery.status == "pending"
    assert [job.approved_commit for job in due_deliveries(waiting.db)] == [FIRST]


def test_an_approval_of_what_has_moved_is_refused(waiting: Engine) -> None:
    work(waiting, SECOND, "a second thing")
    with pytest.raises(CommitMoved, match="at commit bbbbbbbbbbbb now, not aaaaaaaaaaaa") as moved:
        approve_delivery(waiting.db, waiting.workflow_id, expected_commit=FIRST)
    assert moved.value.details == {"commit": SECOND}
    assert delivery(waiting) == "awaiting_approval"
    for wrong in ("bbbbbb", "--help", "zzzzzzzzz"):
        with pytest.raises(InvalidInput, match="no commit"):
            approve_delivery(waiting.db, waiting.workflow_id, expected_commit=wrong)


def test_what_comes_after_the_approval_is_looked_at_anew(waiting: Engine) -> None:
    approve_delivery(waiting.db, waiting.workflow_id, expected_commit=FIRST)
    [job] = due_deliveries(waiting.db)
    record_overtaken(waiting.db, job)
    assert delivery(waiting) == "awaiting_approval"
    # A late report on that job, and its repetition, change nothing.
    record_overtaken(waiting.db, job)
    record_delivery(waiting.db, job, status=DeliveryStatus.DELIVERED, commit=FIRST, reason=None)
    assert delivery(waiting) == "awaiting_approval"
    approve_delivery(waiting.db, waiting.workflow_id)
    assert [job.approved_commit for job in due_deliveries(waiting.db)] == [None]


def test_work_that_was_sent_back_waits_until_it_is_mended_and_looked_at(waiting: Engine) -> None:
    with pytest.raises(CommitMoved):
        send_back(
            waiting.db, waiting.workflow_id, feedback="Mend it", by="ada", expected_commit=SECOND
        )
    mending = send_back(
        waiting.db,
        waiting.workflow_id,
        feedback="The sum is wrong.\nAdd the tax.",
        by="ada",
        expected_commit=FIRST,
    )
    assert (mending.phase_id, mending.status, mending.created_by) == (2, "queued", "ada")
    assert mending.title == "Mend what was sent back: The sum is wrong."
    assert "The sum is wrong.\nAdd the tax." in mending.description
    assert delivery(waiting) == "none"
    [withdrawn] = waiting.events("workflow.delivery_withdrawn")
    assert withdrawn.data["reason"] == f"ada sent it back; task {mending.id} mends it"
    for refused in (approve_delivery, send_back):
        given = {"feedback": "again", "by": "ada"} if refused is send_back else {}
        with pytest.raises(Conflict, match="not wait"):
            refused(waiting.db, waiting.workflow_id, **given)  # type: ignore[operator]

    finish(waiting, SECOND)
    assert delivery(waiting) == "awaiting_approval"
    approve_delivery(waiting.db, waiting.workflow_id, expected_commit=SECOND)


def test_a_stopped_workflow_takes_nothing_back(waiting: Engine) -> None:
    stop_workflow(waiting.db, waiting.workflow_id)
    with pytest.raises(Conflict, match="nothing to send back"):
        send_back(waiting.db, waiting.workflow_id, feedback="Mend it", by="ada")
    with pytest.raises(InvalidInput):
        send_back(waiting.db, waiting.workflow_id, feedback=" ", by="ada")


def test_a_workflow_that_its_result_completed_is_active_until_it_is_mended(
    engine: Engine,
) -> None:
    definition = engine.define(
        has_result=True, on_result_found="stop_all", result_criteria="It works"
    )
    order = LaunchOrder(definition_id=definition, repository="/nowhere", auto_merge=False)
    engine.workflow_id = start_workflow(engine.db, order).id
    engine.with_host("a").create("find out")
    author = engine.run(engine.claimed())
    submit(engine.db, author.id, explanation="It is found")
    waiting = waiting_for(engine.db, author.id)
    record_checkpoint(engine.db, author.id, fence=author.fence, commit="saved", waiting=waiting)
    judge = engine.run(engine.claimed())
    give_verdict(engine.db, judge.id, passed=True, feedback="good")
    record_diff(engine.db, engine.workflow_id, diff_at(FIRST))
    engine.end(author)
    engine.end(judge, commit=None)
    engine.merge_due()
    completed = get_workflow(engine.db, engine.workflow_id)
    assert (completed.status, completed.delivery.status) == ("completed", "awaiting_approval")

    send_back(engine.db, engine.workflow_id, feedback="Say where, too", by="ada")

    reopened = get_workflow(engine.db, engine.workflow_id)
    assert (reopened.status, reopened.completed_at, reopened.closed_reason) == (
        "active",
        None,
        None,
    )
    assert reopened.result_id == completed.result_id
    finish(engine, SECOND)
    mended = get_workflow(engine.db, engine.workflow_id)
    assert (mended.status, mended.delivery.status) == ("completed", "awaiting_approval")
    assert mended.closed_reason == "what was sent back is done"
