"""A review takes reported work from the checks over its judge to the merge, or back to work."""

from functools import partial
from typing import Any

import pytest

from hephaestus_core.agents import facts_of_agents, hosting, leases, reports
from hephaestus_core.agents import service as agents
from hephaestus_core.agents.views import AgentView
from hephaestus_core.changes import service as changes
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.errors import (
    Forbidden,
    ReviewDecided,
    StaleAttempt,
    TransitionRefused,
)
from hephaestus_core.contract.statuses import ReviewStatus
from hephaestus_core.guardian.liveness import MOST_REMINDERS, Observation
from hephaestus_core.guardian.service import record_observation
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.messages import service as messages
from hephaestus_core.results import service as results
from hephaestus_core.reviews import checking, due, upkeep
from hephaestus_core.reviews.service import page_of_reviews
from hephaestus_core.reviews.verdicts import decide, give_review
from hephaestus_core.reviews.views import ReviewView
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.views import TaskView
from tests.engine import PHASES, Engine

CHECK = {"check_type": "command_success", "command": "make test"}
RED = CheckOutcome("command_success", "make test", "failed", "it exited with 2", output="1 failed")
GREEN = CheckOutcome("command_success", "make test", "passed")


def begun(engine: Engine, **validation: Any) -> TaskView:
    """Start a workflow whose first phase has this review, with one task."""
    reviewed = {**PHASES[0], "validation": {"enabled": True, **validation}}
    engine.start_workflow(phases=[reviewed, PHASES[1]])
    return engine.create()


def reported(engine: Engine, agent: AgentView, commit: str = "c1") -> ReviewView:
    """Report the work of a live agent done; its host has saved it."""
    engine.report_done(agent)
    checking.begin_review(engine.db, agent.id, commit=commit)
    return newest(engine)


def newest(engine: Engine) -> ReviewView:
    return page_of_reviews(engine.db)[0][0]


def check(engine: Engine, *outcomes: CheckOutcome) -> None:
    [job] = due.due_checks(engine.db, "a")
    assert checking.record_checks(engine.db, job.id, outcomes)


def author(engine: Engine) -> AgentView:
    return engine.run(engine.claimed())


def condition(engine: Engine) -> str:
    return lifecycle.get_workflow(engine.db, engine.workflow_id).condition.name


def test_failed_checks_go_back_to_the_same_session_and_the_good_commit_is_merged(
    engine: Engine,
) -> None:
    task = begun(engine, criteria=[CHECK], reviewer="machine")
    agent = author(engine)
    for _ in range(MOST_REMINDERS + 1):
        record_observation(engine.db, agent.id, Observation(waiting=True))
    messages.take_unread(engine.db, agent.id)
    reported(engine, agent)
    assert checking.stage_of(engine.db, agent.id) == "checking"
    check(engine, RED)
    assert (engine.status(task), newest(engine).status) == ("needs_work", "failed")
    [told] = messages.take_unread(engine.db, agent.id)[0]
    assert "make test: it exited with 2" in told.text
    assert "| 1 failed" in told.text
    record_observation(engine.db, agent.id, Observation(waiting=True))
    assert agents.get_agent(engine.db, agent.id).status == "idle", "it is reminded anew"

    second = reported(engine, agent, "c2")
    assert second.iteration == 2
    check(engine, GREEN)
    assert checking.stage_of(engine.db, agent.id) == "over"
    assert changes.due_merges(engine.db) == []
    engine.end(agent, commit="written after the checks")
    [job] = changes.due_merges(engine.db)
    assert job.tip == "c2"
    engine.merge_due()
    assert engine.status(task) == "done"


def test_checks_use_the_commands_that_agents_have_recorded(engine: Engine) -> None:
    begun(engine, criteria=[{"check_type": "test_pass"}], reviewer="machine")
    agent = author(engine)
    given = {"setup_command": "npm ci", "test_command": "npm test"}
    facts_of_agents.record_facts(engine.db, agent.id, given)
    reported(engine, agent)
    [job] = due.due_checks(engine.db, "a")
    assert (job.setup_command, job.test_command) == ("npm ci", "npm test")


@pytest.mark.parametrize("outcome", [True, False])
def test_an_unchanged_tree_passes_only_with_a_reason(engine: Engine, outcome: bool) -> None:
    task = begun(engine, criteria=[CHECK])
    agent = author(engine)
    reported(engine, agent, "base")
    check(engine, RED)
    if outcome:
        results.submit(engine.db, agent.id, explanation="I tried", outcome="not_reproduced")
    why = "" if outcome else "the same bug as another"
    for commit in ("changed", "base"):
        reports.report_status(
            engine.db, agent.id, status="done", summary="none", nothing_follows=why
        )
        checking.begin_review(engine.db, agent.id, commit=commit)
        if commit == "changed":
            check(engine, RED)
    assert (newest(engine).status, engine.status(task)) == ("passed", "under_review")


def test_after_the_last_iteration_a_person_decides(engine: Engine) -> None:
    task = begun(engine, criteria=[CHECK], reviewer="machine", max_iterations=1)
    agent = author(engine)
    reported(engine, agent)
    check(engine, RED)
    engine.end(agent, commit="c1")
    assert (engine.status(task), newest(engine).status) == ("under_review", "person_review")
    assert condition(engine) == "waits_for_you"

    decide(engine.db, task.id, passed=True, decided_by="ann")
    assert newest(engine).decided_by == "ann"
    engine.merge_due()
    assert engine.status(task) == "done"
    with pytest.raises(ReviewDecided):
        decide(engine.db, task.id, passed=True, decided_by="ann")


def test_another_agent_judges_and_the_next_attempt_gets_its_feedback(engine: Engine) -> None:
    task = begun(engine, criteria=["It is tested."])
    agent = author(engine)
    reported(engine, agent)
    engine.end(agent, commit="c1", conversation="talk")
    assert engine.status(task) == "under_review"
    judge = author(engine)
    own = tasks.get_task(engine.db, judge.task_id)
    assert (own.kind, own.priority, own.parent_task_id) == ("review", "critical", task.id)
    assert "It is tested." in own.description
    with pytest.raises(TransitionRefused, match="give_task_review"):
        engine.report_done(judge)
    with pytest.raises(ReviewDecided, match=f"cancel its task {own.id}"):
        decide(engine.db, task.id, passed=True, decided_by="ann")

    give_review(engine.db, judge.id, passed=False, feedback="no test", evidence=["ran it"])
    assert (engine.status(task), engine.status(own)) == ("queued", "under_review")
    with pytest.raises(ReviewDecided, match="already decided"):
        give_review(engine.db, judge.id, passed=True, feedback="well")
    engine.end(judge, commit=None)
    assert engine.status(own) == "done"

    again = author(engine)
    assert agents.get_agent(engine.db, again.id).resumes_id == agent.id
    assert "no test" in (tasks.get_task(engine.db, task.id).failure_reason or "")
    with pytest.raises(Forbidden):
        give_review(engine.db, again.id, passed=True, feedback="mine is good")
    reported(engine, again, "c2")
    engine.end(again, commit="c2")
    give_review(engine.db, author(engine).id, passed=True, feedback="tested now")
    assert [job.tip for job in changes.due_merges(engine.db)] == ["c2"]


def test_silent_work_is_checked_before_anything_is_begun_anew(engine: Engine) -> None:
    task = begun(engine, criteria=[CHECK], reviewer="machine")
    first = author(engine)
    engine.end(first, commit="c1")
    assert (engine.status(task), newest(engine).unreported) == ("under_review", True)
    check(engine, RED)
    found = tasks.get_task(engine.db, task.id)
    assert (found.status, found.failure_class) == ("queued", "agent_fault")
    assert "make test" in (found.failure_reason or "")

    tasks.bump_task(engine.db, task.id)
    second = author(engine)
    engine.end(second, commit="c2")
    check(engine, GREEN)
    engine.merge_due()
    found = tasks.get_task(engine.db, task.id)
    assert found.status == "done"
    assert (found.summary or "").startswith("Not reported")


def test_silent_work_does_not_pass_before_what_has_to_follow_it(engine: Engine) -> None:
    validation = {"enabled": True, "criteria": [CHECK], "reviewer": "machine"}
    leads = {**PHASES[0], "validation": validation, "leads_to": [2]}
    engine.start_workflow(phases=[leads, PHASES[1]])
    task = engine.create()
    first = author(engine)
    engine.end(first, commit="c1")
    check(engine, GREEN)
    found = tasks.get_task(engine.db, task.id)
    assert (found.status, newest(engine).reason) == ("queued", "nothing has followed it")
    assert "leads to a task of phase 2" in (found.failure_reason or "")
    assert changes.due_merges(engine.db) == []

    tasks.bump_task(engine.db, task.id)
    second = author(engine)
    order = TaskOrder(workflow_id=engine.workflow_id, phase_id=2, description="Go on.")
    reports.create_task(engine.db, second.id, order)
    engine.end(second, commit="c2")
    check(engine, GREEN)
    engine.merge_due()
    assert engine.status(task) == "done"


def test_a_reviewer_that_never_answers_leaves_the_work_to_a_person(engine: Engine) -> None:
    task = begun(engine)
    agent = author(engine)
    reported(engine, agent)
    engine.end(agent, commit="c1")
    judge = author(engine)
    tasks.cancel_task(engine.db, judge.task_id, reason="it hangs")
    upkeep.tend(engine.db)
    assert newest(engine).status == ReviewStatus.PERSON_REVIEW
    assert "it hangs" in (newest(engine).reason or "")
    decide(engine.db, task.id, passed=False, feedback="do it again", decided_by="ann")
    assert engine.status(task) == "queued"


def test_a_verdict_on_an_old_commit_leaves_the_new_one_alone(engine: Engine) -> None:
    begun(engine)
    agent = author(engine)
    old = reported(engine, agent)
    engine.end(agent, commit="c1")
    slow = author(engine)
    tasks.cancel_task(engine.db, slow.task_id, reason="it is slow")
    upkeep.tend(engine.db)
    assert old.task_id is not None
    decide(engine.db, old.task_id, passed=False, feedback="do it again", decided_by="ann")
    again = author(engine)
    reported(engine, again, "c2")
    engine.end(again, commit="c2")
    with pytest.raises(StaleAttempt):
        give_review(engine.db, slow.id, passed=True, feedback="c1 is good")
    assert (newest(engine).commit, newest(engine).status) == ("c2", ReviewStatus.AGENT_REVIEW)
    assert changes.due_merges(engine.db) == []


def test_a_task_that_leaves_review_drops_it_and_calls_its_reviewer_off(engine: Engine) -> None:
    task = begun(engine)
    agent = author(engine)
    reported(engine, agent)
    engine.end(agent, commit="c1")
    judge = author(engine)
    tasks.cancel_task(engine.db, task.id)
    assert newest(engine).status == "dropped"
    with pytest.raises(ReviewDecided, match="no longer under review"):
        give_review(engine.db, judge.id, passed=True, feedback="good")
    upkeep.tend(engine.db)
    assert tasks.get_task(engine.db, judge.task_id).status == "cancelled"


def test_a_lost_host_drops_a_review_and_another_host_checks_what_an_ended_attempt_left(
    engine: Engine,
) -> None:
    task = begun(engine, criteria=[CHECK], reviewer="machine")
    agent = author(engine)
    reported(engine, agent)
    assert due.due_checks(engine.db, "b") == []
    engine.end(agent, commit="c1")
    with engine.db.transaction() as session:
        session.connection().exec_driver_sql(
            "UPDATE hosts SET lease_expires_at = now() - interval '1 minute'"
        )
    [job] = due.due_checks(engine.db, "b")
    assert checking.record_checks(engine.db, job.id, [GREEN])
    assert not checking.record_checks(engine.db, job.id, [RED])
    engine.merge_due()
    assert engine.status(task) == "done"

    engine.with_host("a")
    other = engine.create()
    alive = author(engine)
    reported(engine, alive)
    with engine.db.transaction() as session:
        session.connection().exec_driver_sql(
            "UPDATE hosts SET lease_expires_at = now() - interval '1 minute';"
            "UPDATE agents SET lease_expires_at = now() - interval '1 minute'"
        )
    leases.expire(engine.db, confirm_seconds=0)
    leases.expire(engine.db, confirm_seconds=0)
    assert (engine.status(other), newest(engine).status) == ("queued", "dropped")


def test_an_accepted_result_settles_the_checks_of_its_task(engine: Engine) -> None:
    engine.with_host("a", slots=20)
    begun(engine, criteria=[CHECK], reviewer="machine")
    agent = author(engine)
    results.submit(engine.db, agent.id, explanation="works")
    reported(engine, agent)
    [job] = due.due_checks(engine.db, "a")
    engine.end(agent, commit="c1")  # Its work was saved, while the checks run.
    judge = engine.run(engine.claimed())
    results.judge(engine.db, judge.id, passed=True, feedback="sound")

    assert checking.record_checks(engine.db, job.id, [RED])

    review = next(r for r in page_of_reviews(engine.db)[0] if r.id == job.id)
    assert (review.status, review.reason) == ("passed", "its result was accepted")
    assert [due.tip for due in changes.due_merges(engine.db)] == ["c1"]


def test_checks_that_outlast_their_task_are_dropped(engine: Engine) -> None:
    engine.with_host("a", slots=20)
    task = begun(engine, criteria=[CHECK], reviewer="machine")
    agent = author(engine)
    results.submit(engine.db, agent.id, explanation="works")
    reported(engine, agent)
    [job] = due.due_checks(engine.db, "a")
    waiting = hosting.waiting_for(engine.db, agent.id)
    hosting.record_checkpoint(engine.db, agent.id, fence=agent.fence, commit="c1", waiting=waiting)
    judge = engine.run(engine.claimed())
    results.judge(engine.db, judge.id, passed=True, feedback="sound")
    engine.end(agent)  # The accepted work is not reviewed any more.
    engine.merge_due()
    assert engine.status(task) == "done"

    assert not checking.record_checks(engine.db, job.id, [GREEN])

    review = next(r for r in page_of_reviews(engine.db)[0] if r.id == job.id)
    assert (review.status, review.reason) == ("dropped", "its result was accepted")


def test_a_report_whose_answer_was_lost_does_not_report_what_comes_after_it(
    engine: Engine,
) -> None:
    task = begun(engine, criteria=[CHECK], reviewer="machine")
    agent = author(engine)
    report = partial(reports.report_status, engine.db, agent.id, status="done", summary="did it")
    report(key="first")
    checking.begin_review(engine.db, agent.id, commit="c1")
    check(engine, RED)
    assert report(key="first").status == "needs_work", "it is that of the work that failed"

    assert report(key="second").status == "under_review"
    checking.begin_review(engine.db, agent.id, commit="c2")
    check(engine, GREEN)
    engine.end(agent)
    engine.merge_due()
    assert report(key="second").status == "done", "its attempt is over, and it is answered"
    assert not engine.events("agent.report_refused")
    with pytest.raises(StaleAttempt):
        report(key="third")
    assert engine.status(task) == "done"


@pytest.mark.parametrize(("heard", "failure"), [(False, "transient"), (True, "agent_fault")])
def test_an_agent_that_ends_before_it_hears_of_a_failed_review_is_not_at_fault(
    engine: Engine, heard: bool, failure: str
) -> None:
    task = begun(engine, criteria=[CHECK], reviewer="machine")
    agent = author(engine)
    reported(engine, agent)
    check(engine, RED)
    if heard:
        messages.take_unread(engine.db, agent.id)
    engine.end(agent, commit="c1", conversation="talk")
    found = tasks.get_task(engine.db, task.id)
    assert (found.status, found.failure_class) == ("queued", failure)
    tasks.bump_task(engine.db, task.id)
    second = author(engine)
    assert (second.resumes_id == agent.id) is not heard
    told = " ".join(each.text for each in messages.take_unread(engine.db, second.id)[0])
    assert ("make test" in told) is not heard
