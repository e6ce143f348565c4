"""The work behind an accepted result is merged, whatever became of its author's attempt."""

import pytest

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.changes import service as changes
from hephaestus_core.contract.errors import TransitionRefused
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.results import service as results
from hephaestus_core.summaries.service import summarize
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.service import get_task
from tests.engine import Engine

ACTIONS = ("stop_all", "complete")


def _expecting(engine: Engine, on_result_found: str) -> None:
    engine.with_host("a", slots=1)
    engine.start_workflow(
        has_result=True, result_criteria="it works", on_result_found=on_result_found
    )
    engine.create()


def _handed_in(engine: Engine, failure: Trouble | None) -> AgentView:
    """Return an author that has handed in its result and ended without a report."""
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="works")
    engine.end(author, failure=failure)
    return author


def _accepted(engine: Engine) -> AgentView:
    """Return the reviewer that has accepted the one result, and ended."""
    reviewer = engine.run(engine.claimed())
    assert get_task(engine.db, reviewer.task_id).kind == "result_review"
    results.judge(engine.db, reviewer.id, passed=True, feedback="sound")
    return reviewer


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("failure", [None, Trouble("permanent", "its key was refused")])
def test_the_work_of_an_author_that_did_not_report_is_merged_and_delivered(
    engine: Engine, action: str, failure: Trouble | None
) -> None:
    _expecting(engine, action)
    author = _handed_in(engine, failure)
    assert get_task(engine.db, author.task_id).status == ("failed" if failure else "queued")
    reviewer = _accepted(engine)

    [job] = changes.due_merges(engine.db)
    assert (job.task_id, job.tip) == (author.task_id, f"commit-of-{author.id}")
    engine.merge_due()
    engine.end(reviewer, commit=None)

    assert get_task(engine.db, author.task_id).status == "done"
    assert [due.workflow_id for due in changes.due_deliveries(engine.db)] == [engine.workflow_id]


def test_a_next_attempt_that_is_being_started_is_let_go_for_the_judged_work(
    engine: Engine,
) -> None:
    _expecting(engine, "stop_all")
    engine.with_host("a", slots=2)
    author = _handed_in(engine, None)
    reviewer = engine.run(engine.claimed())
    with engine.db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE tasks SET due_at = NULL")
    again = engine.claimed()
    assert (again.task_id, again.attempt) == (author.task_id, 2)

    results.judge(engine.db, reviewer.id, passed=True, feedback="sound")

    [job] = changes.due_merges(engine.db)
    assert job.agent_id == author.id
    [row] = [a for a in hosting.agents_of(engine.db, "a") if a.id == again.id]
    assert not row.current, "its host ends it"


def test_a_rejected_result_leaves_its_author_to_try_again(engine: Engine) -> None:
    _expecting(engine, "stop_all")
    author = _handed_in(engine, None)
    reviewer = engine.run(engine.claimed())
    results.judge(engine.db, reviewer.id, passed=False, feedback="no test")
    assert get_task(engine.db, author.task_id).status == "queued"
    assert changes.due_merges(engine.db) == []


def test_an_accepted_result_is_delivered_also_where_work_goes_on(engine: Engine) -> None:
    _expecting(engine, "do_nothing")
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="works")
    engine.finish(author)
    reviewer = _accepted(engine)
    engine.end(reviewer, commit=None)

    assert lifecycle.get_workflow(engine.db, engine.workflow_id).status == "active"
    assert [due.workflow_id for due in changes.due_deliveries(engine.db)] == [engine.workflow_id]


def test_a_review_is_done_by_its_judgement_only(engine: Engine) -> None:
    _expecting(engine, "complete")
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="works")
    engine.finish(author)
    reviewer = engine.run(engine.claimed())

    with pytest.raises(TransitionRefused, match="submit_result_validation"):
        engine.report_done(reviewer)

    results.judge(engine.db, reviewer.id, passed=True, feedback="sound")
    engine.report_done(reviewer)
    engine.end(reviewer, commit=None)
    assert get_task(engine.db, reviewer.task_id).status == "done"


def test_a_result_whose_reviewer_was_lost_is_reviewed_when_it_is_sent_again(
    engine: Engine,
) -> None:
    _expecting(engine, "complete")
    author = engine.run(engine.claimed())
    first = results.submit(engine.db, author.id, explanation="works")
    [review] = tasks.list_tasks(engine.db, status="pending").items
    tasks.cancel_task(engine.db, review.id)

    assert results.submit(engine.db, author.id, explanation="works").id == first.id
    assert results.submit(engine.db, author.id, explanation="works").id == first.id

    [again] = tasks.list_tasks(engine.db, status="pending").items
    assert (again.kind, again.id != review.id) == ("result_review", True)


def test_a_large_result_fits_into_the_description_of_its_review(engine: Engine) -> None:
    _expecting(engine, "complete")
    author = engine.run(engine.claimed())
    results.submit(
        engine.db,
        author.id,
        explanation="e" * 65_000,
        evidence=["v" * 60_000] * 3,
        content="c" * 200_000,
    )
    [review] = tasks.list_tasks(engine.db, status="pending").items
    assert len(review.description) <= 200_000
    assert "get_workflow_results" in review.description


def test_of_many_results_a_summary_shows_the_accepted_one_else_the_newest(engine: Engine) -> None:
    _expecting(engine, "do_nothing")
    author = engine.run(engine.claimed())
    for text in ("first", "second", "third"):
        results.submit(engine.db, author.id, explanation=text)
    shown = summarize(engine.db, engine.workflow_id).result
    assert shown is not None
    assert shown.explanation == "third"
    engine.finish(author)
    accepted = False
    while not accepted:  # the reviews come in any order
        reviewer = engine.run(engine.claimed())
        accepted = "\nfirst\n" in get_task(engine.db, reviewer.task_id).description
        results.judge(engine.db, reviewer.id, passed=accepted, feedback="seen")
        engine.end(reviewer, commit=None)
    shown = summarize(engine.db, engine.workflow_id).result
    assert shown is not None
    assert (shown.status, shown.explanation) == ("accepted", "first")
