"""The checks of a result run before anybody judges it."""

from typing import Any
from uuid import UUID

import pytest

from hephaestus_core.agents import hosting, reports
from hephaestus_core.agents.rejected_results import rejections
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.lifecycle.service import get_workflow, stop_workflow
from hephaestus_core.messages import service as messages
from hephaestus_core.results import checking, proofs
from hephaestus_core.results import service as results
from hephaestus_core.results.service import ResultView
from hephaestus_core.reviews.views import DueChecks
from hephaestus_core.tasks.service import cancel_task, get_task, list_tasks
from hephaestus_core.tasks.views import TaskView
from tests.engine import PHASES, Engine

RED = CheckOutcome("command_success", "make all", "failed", "it exited with 2", output="1 failed")
GREEN = CheckOutcome("command_success", "make all", "passed")
CHECKS = [
    {"check_type": "command_success", "command": "make all"},
    {"check_type": "code_review", "description": "Is the cause mended?"},
]


PROOF = {"command": "make one"}
PROVEN = [{"check_type": "red_green"}]


def at_work(engine: Engine) -> AgentView:
    """Return an agent that has submitted a result and is still to report on its task."""
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation=f"works, {author.id}")
    return author


def saved(engine: Engine, author: AgentView) -> None:
    waiting = hosting.waiting_for(engine.db, author.id)
    hosting.record_checkpoint(
        engine.db, author.id, fence=author.fence, commit=f"saved-{author.id}", waiting=waiting
    )


def reported(engine: Engine, author: AgentView, **proof: str) -> None:
    reports.report_status(engine.db, author.id, status="done", summary="x", proof=proof)
    engine.end(author)
    engine.merge_due()


def judged_id(engine: Engine) -> UUID | None:
    """Return the result whose turn it is, of which there is one at a time."""
    found = list_tasks(engine.db, workflow_id=engine.workflow_id, live=True).items
    [judge] = [task for task in found if task.kind == "result_review"]
    return judge.result_id


def handed_in(engine: Engine, *, ended: bool = True, outcome: str = "done") -> AgentView:
    author = engine.run(engine.claimed())
    proof = {"command": "make one"}
    results.submit(engine.db, author.id, explanation="works", outcome=outcome, proof=proof)
    blank = {"command": " ", "expect": ""}
    if ended:
        reports.report_status(engine.db, author.id, status="done", summary="x", proof=blank)
        engine.finish(author)
    return author


def expecting(engine: Engine, **config: Any) -> None:
    phases = [PHASES[0], {**PHASES[1], "max_rounds": 2}]
    engine.start_workflow(
        **{"phases": phases, "has_result": True, "result_checks": CHECKS, **config}
    )
    engine.create()


def due(engine: Engine) -> DueChecks:
    [job] = checking.due_checks(engine.db, "a")
    return job


def record(engine: Engine, job: DueChecks, outcome: CheckOutcome) -> bool:
    return checking.record_checks(engine.db, job.id, [outcome], commit=job.commit, proof=job.proof)


def only_result(engine: Engine) -> ResultView:
    [result], _ = results.page_of_results(engine.db, engine.workflow_id)
    return result


def judge_task(engine: Engine) -> TaskView:
    found = list_tasks(engine.db, workflow_id=engine.workflow_id).items
    return next(task for task in found if task.kind == "result_review")


def test_a_result_is_judged_only_after_its_checks_have_passed(engine: Engine) -> None:
    expecting(engine)
    author = handed_in(engine)
    assert engine.claim() is None, "nobody judges what is not checked yet"
    stood = get_workflow(engine.db, engine.workflow_id)
    assert (stood.condition.name, stood.delivery.status) == ("at_work", "none")
    job = due(engine)
    assert (job.commit, job.compared_with) == (f"commit-of-{author.id}", ("main",))
    assert [check.check_type for check in job.checks] == ["command_success"]
    assert job.proof == {"command": "make one"}, "a blank proof changes nothing"

    assert record(engine, job, GREEN)

    assert not record(engine, job, RED), "outcomes count once"
    assert checking.due_checks(engine.db, "a") == []
    result = only_result(engine)
    assert (result.status, result.checks) == ("submitted", [GREEN])
    assert result.checked_commit == f"commit-of-{author.id}"
    reviewer = engine.run(engine.claimed())
    assert hosting.launch_plan(engine.db, reviewer.id).start_commit == job.commit
    told = get_task(engine.db, reviewer.task_id).description
    assert "make all: passed" in told
    assert "Is the cause mended?" in told


def test_a_failed_check_rejects_the_result_and_makes_the_task_that_mends_it(
    engine: Engine,
) -> None:
    expecting(engine, on_result_rejected=2)
    author = handed_in(engine)

    assert record(engine, due(engine), RED)

    result = only_result(engine)
    assert (result.status, result.judged_by_agent_id) == ("rejected", None)
    assert "it exited with 2" in (result.feedback or "")
    assert "1 failed" in (result.feedback or "")
    assert judge_task(engine).status == "cancelled"
    [mend] = list_tasks(engine.db, workflow_id=engine.workflow_id, phase_id=2).items
    assert "1 failed" in mend.description
    assert engine.events("workflow.quiet") == [], "one live task followed the other"
    with engine.db.reading() as session:
        [reason] = rejections(session, engine.workflow_id)
    assert reason.task_id == author.task_id, "the prompts of later attempts have it"
    assert engine.run(engine.claimed()).task_id == mend.id


def test_an_author_at_work_is_told_of_the_rejection_where_no_phase_mends_it(
    engine: Engine,
) -> None:
    expecting(engine)
    author = handed_in(engine, ended=False)
    assert checking.due_checks(engine.db, "a") == [], "its work is not saved yet"
    saved(engine, author)
    job = due(engine)
    assert job.commit == f"saved-{author.id}"

    assert record(engine, job, RED)

    message = messages.next_for(engine.db, author.id)
    assert message is not None
    assert "1 failed" in message.text
    results.submit(engine.db, author.id, explanation="now it does")
    engine.finish(author)
    assert record(engine, due(engine), GREEN)
    assert engine.claim() is not None, "the second result is judged"


def test_a_result_that_is_no_success_is_judged_unchecked(engine: Engine) -> None:
    expecting(engine)
    handed_in(engine, outcome="not_reproduced")
    assert checking.due_checks(engine.db, "a") == []
    assert engine.claimed().task_id == judge_task(engine).id


@pytest.mark.parametrize("closed", [True, False])
def test_checks_of_what_is_not_to_be_judged_any_more_are_not_due(
    engine: Engine, closed: bool
) -> None:
    expecting(engine)
    handed_in(engine)
    job = due(engine)
    if closed:
        stop_workflow(engine.db, engine.workflow_id)
    else:
        cancel_task(engine.db, judge_task(engine).id)
    assert checking.due_checks(engine.db, "a") == []
    assert not record(engine, job, GREEN)
    assert only_result(engine).checks == []


def test_checks_that_need_a_proof_wait_for_the_report_that_brings_it(engine: Engine) -> None:
    expecting(engine, result_checks=PROVEN)
    author = at_work(engine)
    saved(engine, author)
    assert checking.due_checks(engine.db, "a") == [], "its author has still to hand in the proof"
    assert engine.claim() is None
    result = only_result(engine)
    assert proofs.awaited(engine.db, result.id) == result.awaits_proof == ["red_green"]
    assert proofs.gaps(engine.db, author.id) == [
        "The check red_green of your result needs `command` in `proof`."
    ]

    reported(engine, author, **PROOF)

    job = due(engine)
    assert job.proof == PROOF
    assert proofs.awaited(engine.db, result.id) == only_result(engine).awaits_proof == []
    assert record(engine, job, GREEN)
    assert engine.claimed().task_id == judge_task(engine).id


@pytest.mark.parametrize("lost", [True, False])
def test_without_a_proof_it_is_checked_once_its_author_has_reported_or_is_gone(
    engine: Engine, lost: bool
) -> None:
    expecting(engine, result_checks=PROVEN)
    author = at_work(engine)
    saved(engine, author)
    if lost:
        engine.end(author, failure=Trouble(FailureClass.HOST, "its host died"))
    else:
        reports.report_status(engine.db, author.id, status="done", summary="x")

    job = due(engine)

    assert job.proof == {}
    assert record(engine, job, RED)
    assert only_result(engine).status == "rejected"


def test_a_proof_that_comes_while_the_checks_run_is_not_lost(engine: Engine) -> None:
    expecting(engine, result_checks=PROVEN)
    author = at_work(engine)
    saved(engine, author)
    reports.report_status(engine.db, author.id, status="done", summary="x")
    job = due(engine)
    reports.report_status(engine.db, author.id, status="done", summary="x", proof=PROOF)

    assert not record(engine, job, RED), "they ran without it"

    assert due(engine).proof == PROOF
    assert record(engine, due(engine), GREEN)


def test_a_result_that_waits_for_its_proof_holds_up_no_other(engine: Engine) -> None:
    expecting(engine, result_checks=PROVEN)
    engine.create()
    slow = at_work(engine)
    quick = engine.run(engine.claimed())
    for author in (slow, quick):
        saved(engine, author)
    first = only_result(engine).id
    assert judged_id(engine) == first

    second = results.submit(engine.db, quick.id, explanation="mine too", proof=PROOF).id

    assert judged_id(engine) == second, "it need not wait"
    assert checking.due_checks(engine.db, "a") == [], "its work is not saved yet"
    saved(engine, quick)
    job = due(engine)
    assert (job.id, job.commit) == (second, f"saved-{quick.id}")
    assert record(engine, job, RED)
    assert judged_id(engine) == first
    reported(engine, slow, **PROOF)
    assert due(engine).id == first


def test_of_two_results_that_wait_the_one_that_is_proven_first_is_judged_first(
    engine: Engine,
) -> None:
    expecting(engine, result_checks=PROVEN)
    engine.create()
    slow, quick = at_work(engine), at_work(engine)
    first = judged_id(engine)
    checking.let_proven_go_first(engine.db)
    assert judged_id(engine) == first, "neither has a proof yet"

    reported(engine, quick, **PROOF)
    checking.let_proven_go_first(engine.db)

    job = due(engine)
    assert job.id != first
    reported(engine, slow, **PROOF)
    checking.let_proven_go_first(engine.db)
    assert due(engine).id == job.id, "one after the other"
    assert record(engine, job, GREEN)
    reviewer = engine.run(engine.claimed())
    results.judge(engine.db, reviewer.id, passed=False, feedback="no")
    engine.end(reviewer, commit=None)
    assert judged_id(engine) == first
