from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hephaestus_core.agents import hosting
from hephaestus_core.agents.rejected_results import rejections
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.changes import service as changes
from hephaestus_core.contract.errors import (
    Forbidden,
    HephaestusError,
    InvalidInput,
    ResultDecided,
    WorkflowClosed,
)
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.messages import service as messages
from hephaestus_core.results import service as results
from hephaestus_core.results.verdicts import decide_result
from hephaestus_core.summaries.service import summarize
from hephaestus_core.tasks.service import bump_task, get_task, list_tasks
from tests.engine import PHASES, Engine


def _expecting(engine: Engine, on_result_found: str) -> None:
    engine.with_host("a", slots=20)
    engine.start_workflow(
        has_result=True, result_criteria="it works", on_result_found=on_result_found
    )


def _submitted(engine: Engine) -> tuple[AgentView, AgentView]:
    """Return an agent that submitted a result and the agent that reviews it."""
    engine.create()
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="works", evidence=["tests pass"])
    engine.report_done(author)
    engine.end(author)
    engine.merge_due()
    return author, engine.run(engine.claimed())


def test_a_result_waits_for_another_agents_judgement(engine: Engine) -> None:
    _expecting(engine, "complete")
    author, reviewer = _submitted(engine)
    [waiting], _ = results.page_of_results(engine.db, engine.workflow_id)
    assert waiting.status == "submitted"
    assert reviewer.id != author.id

    judged = results.judge(engine.db, reviewer.id, passed=True, feedback="checked")

    assert (judged.status, judged.judged_by_agent_id) == ("accepted", reviewer.id)
    assert lifecycle.get_workflow(engine.db, engine.workflow_id).result_id == judged.id


def test_a_result_that_is_sent_again_is_one_result(engine: Engine) -> None:
    _expecting(engine, "complete")
    engine.create()
    author = engine.run(engine.claimed())

    first = results.submit(engine.db, author.id, explanation="works")
    assert results.submit(engine.db, author.id, explanation="works").id == first.id

    assert len(results.page_of_results(engine.db, engine.workflow_id)[0]) == 1


def test_nobody_but_the_reviewer_judges(engine: Engine) -> None:
    _expecting(engine, "complete")
    engine.create()
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="works")

    with pytest.raises(Forbidden):
        results.judge(engine.db, author.id, passed=True, feedback="my own")


def test_a_reviewer_submits_no_result_of_its_own(engine: Engine) -> None:
    _expecting(engine, "complete")
    _, reviewer = _submitted(engine)
    with pytest.raises(Forbidden, match="submit no result"):
        results.submit(engine.db, reviewer.id, explanation="mine is better")


def test_a_reviewer_that_ends_after_judging_is_not_tried_again(engine: Engine) -> None:
    _expecting(engine, "do_nothing")
    _, reviewer = _submitted(engine)
    results.judge(engine.db, reviewer.id, passed=False, feedback="no test")

    engine.end(reviewer, commit=None)

    assert get_task(engine.db, reviewer.task_id).status == "done"


def test_a_result_is_judged_once(engine: Engine) -> None:
    _expecting(engine, "do_nothing")
    _, reviewer = _submitted(engine)
    results.judge(engine.db, reviewer.id, passed=False, feedback="no test")

    with pytest.raises(ResultDecided):
        results.judge(engine.db, reviewer.id, passed=True, feedback="changed my mind")


def test_results_submitted_at_once_are_judged_one_after_the_other(engine: Engine) -> None:
    _expecting(engine, "do_nothing")
    for _ in range(6):
        engine.create()
    authors = [engine.run(engine.claimed()) for _ in range(6)]

    def submit(author: AgentView) -> str:
        return results.submit(engine.db, author.id, explanation=f"works, {author.id}").status

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(submit, authors)) == ["submitted"] * 6
    for author in authors:
        engine.finish(author)

    verdicts = []
    for passed in (False, False, True):
        reviewer = engine.run(engine.claimed())
        assert engine.claim() is None, "no two are judged at once"
        verdicts.append(results.judge(engine.db, reviewer.id, passed=passed, feedback="seen").id)
        engine.end(reviewer, commit=None)

    assert len(set(verdicts)) == 3
    assert engine.claim() is None, "one is accepted, so the others are not judged"


def test_a_rejected_result_makes_a_task_with_what_was_found(engine: Engine) -> None:
    engine.with_host("a", slots=20)
    phases = [PHASES[0], {**PHASES[1], "max_rounds": 1}]
    engine.start_workflow(phases=phases, has_result=True, on_result_rejected=2)
    author, reviewer = _submitted(engine)

    results.judge(engine.db, reviewer.id, passed=False, feedback="No test shows it.")
    engine.end(reviewer, commit=None)

    [mend] = list_tasks(engine.db, workflow_id=engine.workflow_id, phase_id=2).items
    assert (mend.status, mend.created_by) == ("queued", "rejected result")
    assert mend.parent_task_id == author.task_id
    assert "No test shows it." in mend.description
    with engine.db.reading() as session:
        [reason] = rejections(session, engine.workflow_id)
    assert (reason.task_id, reason.feedback) == (author.task_id, "No test shows it.")

    second = engine.run(engine.claimed())
    assert hosting.launch_plan(engine.db, second.id).start_commit == f"commit-of-{author.id}"
    results.submit(engine.db, second.id, explanation="works now")
    engine.finish(second)
    reviewer = engine.run(engine.claimed())
    results.judge(engine.db, reviewer.id, passed=False, feedback="Still none.")
    engine.end(reviewer, commit=None)

    assert len(list_tasks(engine.db, workflow_id=engine.workflow_id, phase_id=2).items) == 1
    stood = lifecycle.get_workflow(engine.db, engine.workflow_id).condition
    assert (stood.name, stood.cause) == ("stands_still", "result_rejected"), "a person decides"


def test_a_result_of_another_outcome_ends_the_workflow_without_a_delivery(engine: Engine) -> None:
    _expecting(engine, "complete")
    engine.create()
    author = engine.run(engine.claimed())
    with pytest.raises(InvalidInput, match="not_reproduced"):
        results.submit(engine.db, author.id, explanation="cannot", outcome="not_reproducd")
    results.submit(engine.db, author.id, explanation="cannot", outcome="not_reproduced")
    engine.report_done(author)
    engine.end(author, commit=None)
    reviewer = engine.run(engine.claimed())
    assert "`not_reproduced`" in get_task(engine.db, reviewer.task_id).description

    judged = results.judge(engine.db, reviewer.id, passed=True, feedback="tried it too")
    engine.end(reviewer, commit=None)

    workflow = lifecycle.get_workflow(engine.db, engine.workflow_id)
    assert (judged.outcome, workflow.status) == ("not_reproduced", "completed")
    assert (workflow.delivery.status, workflow.condition.name) == ("none", "over")
    assert changes.due_deliveries(engine.db) == []


def test_stop_all_stops_every_task_also_one_just_being_started(engine: Engine) -> None:
    _expecting(engine, "stop_all")
    _, reviewer = _submitted(engine)
    made = {name: engine.create(name) for name in ("running", "starting", "reported", "queued")}
    running = engine.run(engine.claimed())
    engine.claimed()
    reported = engine.run(engine.claimed())
    engine.report_done(reported)

    results.judge(engine.db, reviewer.id, passed=True, feedback="good")

    assert {engine.status(task) for task in made.values()} == {"cancelled"}
    assert running.id != reported.id
    with pytest.raises(WorkflowClosed):
        engine.create()


def test_complete_lets_running_work_end_and_is_merged(engine: Engine) -> None:
    _expecting(engine, "complete")
    _, reviewer = _submitted(engine)
    running_task, queued_task = engine.create("running"), engine.create("queued", priority="low")
    running = engine.run(engine.claimed())

    results.judge(engine.db, reviewer.id, passed=True, feedback="good")
    assert (engine.status(running_task), engine.status(queued_task)) == ("in_progress", "cancelled")
    assert changes.due_deliveries(engine.db) == []
    engine.finish(running)
    engine.finish(reviewer)

    assert engine.status(running_task) == "done"
    [job] = changes.due_deliveries(engine.db)
    assert job.workflow_id == engine.workflow_id


def test_do_nothing_only_records(engine: Engine) -> None:
    _expecting(engine, "do_nothing")
    _, reviewer = _submitted(engine)
    other = engine.create("goes on")

    results.judge(engine.db, reviewer.id, passed=True, feedback="good")

    assert engine.status(other) == "queued"
    assert lifecycle.get_workflow(engine.db, engine.workflow_id).status == "active"


def test_a_second_result_after_the_accepted_one_is_refused(engine: Engine) -> None:
    _expecting(engine, "do_nothing")
    _, reviewer = _submitted(engine)
    results.judge(engine.db, reviewer.id, passed=True, feedback="good")
    engine.create()
    late = engine.run(engine.claimed())

    with pytest.raises(ResultDecided):
        results.submit(engine.db, late.id, explanation="me too")


def test_a_workflow_that_needs_no_result_takes_one_and_is_delivered_all_the_same(
    engine: Engine,
) -> None:
    engine.with_host("a")
    engine.start_workflow()
    _, reviewer = _submitted(engine)
    judged = results.judge(engine.db, reviewer.id, passed=False, feedback="no test")
    engine.end(reviewer, commit=None)
    engine.merge_due()

    assert judged.status == "rejected"
    workflow = lifecycle.get_workflow(engine.db, engine.workflow_id)
    assert (workflow.result_id, workflow.delivery.status) == (None, "pending")


def test_quiet_without_a_result_goes_to_the_base_branch(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    engine.finish(engine.run(engine.claimed()))

    assert not summarize(engine.db, engine.workflow_id).finished
    [job] = changes.due_deliveries(engine.db)
    changes.record_delivery(engine.db, job, status="delivered", commit="c", reason=None)

    account = summarize(engine.db, engine.workflow_id)
    assert account.finished
    assert account.delivery.status == "delivered"


def test_a_failure_shows_however_many_tasks_came_before_it(engine: Engine) -> None:
    engine.start_workflow()
    first, second = engine.create("first"), engine.create("second")
    engine.finish(engine.run(engine.claimed()))
    engine.end(engine.claimed(), failure=Trouble("permanent", "no such branch"), commit=None)

    account = summarize(engine.db, engine.workflow_id, most_tasks=1)
    assert [task.task_id for task in account.tree] == [first.id]
    assert [(f.task_id, f.failure_class) for f in account.failures] == [(second.id, "permanent")]


def test_quiet_is_seen_however_the_last_tasks_end_together(engine: Engine) -> None:
    """Two last tasks that end in parallel must not each see the other one live."""
    for _ in range(5):
        engine.start_workflow()
        made = [engine.create() for _ in range(4)]
        assert made
        running = [engine.run(engine.claimed()) for _ in made]
        for agent in running:
            engine.report_done(agent)

        def end(agent: AgentView) -> Any:
            try:
                return engine.end(agent, commit=None)
            except HephaestusError as error:
                return error

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(end, running)) == [True] * 4
        engine.merge_due()
        quiet = [e for e in engine.events("workflow.quiet") if e.workflow_id == engine.workflow_id]
        assert len(quiet) == 1


def test_stop_all_leaves_the_authors_own_work_to_be_merged(engine: Engine) -> None:
    _expecting(engine, "stop_all")
    engine.create()
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="works")
    hosting.record_checkpoint(
        engine.db,
        author.id,
        fence=author.fence,
        commit="saved",
        waiting=hosting.waiting_for(engine.db, author.id),
    )
    reviewer = engine.run(engine.claimed())
    other = engine.create()

    results.judge(engine.db, reviewer.id, passed=True, feedback="checked")
    engine.end(author)

    assert engine.merge_due() == 1
    assert get_task(engine.db, author.task_id).status == "done"
    engine.end(reviewer, commit=None)
    assert get_task(engine.db, reviewer.task_id).status == "done"
    assert engine.status(other) == "cancelled"


@pytest.mark.parametrize("on_result_found", ["stop_all", "complete", "do_nothing"])
def test_a_person_accepts_a_result_and_its_reviewer_is_spared(
    engine: Engine, on_result_found: str
) -> None:
    _expecting(engine, on_result_found)
    author, reviewer = _submitted(engine)
    [waiting], _ = results.page_of_results(engine.db, engine.workflow_id)

    judged = decide_result(engine.db, waiting.id, passed=True, feedback="", decided_by="ann")

    assert (judged.status, judged.judged_by, judged.judged_by_agent_id) == ("accepted", "ann", None)
    assert judged.feedback == "ann has accepted it."
    assert get_task(engine.db, reviewer.task_id).status == "cancelled"
    assert get_task(engine.db, author.task_id).status == "done"
    workflow = lifecycle.get_workflow(engine.db, engine.workflow_id)
    assert workflow.result_id == judged.id
    assert workflow.status == ("active" if on_result_found == "do_nothing" else "completed")
    with pytest.raises(HephaestusError):
        results.judge(engine.db, reviewer.id, passed=False, feedback="too late")
    with pytest.raises(ResultDecided, match="already accepted"):
        decide_result(engine.db, judged.id, passed=False, feedback="no", decided_by="ben")


def test_a_person_rejects_a_result_with_a_reason(engine: Engine) -> None:
    _expecting(engine, "complete")
    _, reviewer = _submitted(engine)
    [waiting], _ = results.page_of_results(engine.db, engine.workflow_id)
    with pytest.raises(InvalidInput, match="feedback"):
        decide_result(engine.db, waiting.id, passed=False, feedback=" ", decided_by="ann")

    rejected = decide_result(
        engine.db, waiting.id, passed=False, feedback="no proof", decided_by="ann"
    )

    assert (rejected.status, rejected.feedback) == ("rejected", "no proof")
    assert get_task(engine.db, reviewer.task_id).status == "cancelled"
    _, again = _submitted(engine)
    assert again.task_id != reviewer.task_id, "the next result has a reviewer of its own"


def test_a_rejection_reaches_the_attempt_that_goes_on_with_the_authors_conversation(
    engine: Engine,
) -> None:
    _expecting(engine, "do_nothing")
    engine.create()
    author = engine.run(engine.claimed())
    result = results.submit(engine.db, author.id, explanation="works")
    crash = Trouble(FailureClass.TRANSIENT, "it was killed")
    engine.end(author, failure=crash, conversation="talk")
    decide_result(engine.db, result.id, passed=False, feedback="No test.", decided_by="ann")
    bump_task(engine.db, author.task_id)
    second = engine.run(engine.claimed())
    assert second.resumes_id == author.id
    [told] = messages.take_unread(engine.db, second.id)[0]
    assert "No test." in told.text
