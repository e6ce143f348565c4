"""The diagnostician: one run at a time for a workflow that stands still, within its limits."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from hephaestus_core.agents import reports
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.attention.service import inbox
from hephaestus_core.contract.errors import Forbidden, LimitReached
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.diagnoses import service as diagnoses
from hephaestus_core.diagnoses.rules import Rhythm
from hephaestus_core.diagnoses.views import DiagnosesView
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.questions import service as questions
from hephaestus_core.questions.asking import ask
from hephaestus_core.results import service as results
from hephaestus_core.tasks.service import get_task
from hephaestus_core.tasks.views import TaskView
from tests.engine import Engine

AT_ONCE = Rhythm(enabled=True, still_for=0, cooldown=0)
BROKEN = Trouble(FailureClass.PERMANENT, "the compiler is missing")


def standing_still(engine: Engine) -> None:
    """Let a workflow stand still: its only task is done, and nobody has submitted the result."""
    engine.with_host("a", slots=20)
    engine.start_workflow(has_result=True, result_criteria="the tests pass")
    engine.create("Look around.")
    engine.finish(engine.run(engine.claimed()))


def seen(engine: Engine) -> DiagnosesView:
    diagnoses.end_finished(engine.db)
    return diagnoses.diagnoses_of(engine.db, engine.workflow_id, AT_ONCE)


def diagnosing(engine: Engine) -> AgentView:
    assert diagnoses.start_due(engine.db, AT_ONCE) == 1
    return engine.run(engine.claimed())


def ordered(engine: Engine, agent_id: UUID, words: str, **order: Any) -> TaskView:
    wanted = TaskOrder(workflow_id=engine.workflow_id, phase_id=2, description=words, **order)
    return reports.create_task(engine.db, agent_id, wanted)


def test_a_run_whose_tasks_lead_to_the_goal(engine: Engine) -> None:
    standing_still(engine)
    agent = diagnosing(engine)
    told = get_task(engine.db, agent.task_id)
    assert told.kind == "diagnosis"
    assert "no agent submitted the result" in told.description
    assert "Look around." in told.description
    with pytest.raises(Forbidden):
        results.submit(engine.db, agent.id, explanation="I say it is done")

    task = ordered(engine, agent.id, "Hand in the result.")

    assert engine.status(task) == "queued", "it does not wait for the diagnosis to end"
    engine.finish(agent)
    worker = engine.run(engine.claimed())
    results.submit(engine.db, worker.id, explanation="the tests pass")
    engine.finish(worker)
    judge = engine.run(engine.claimed())
    results.judge(engine.db, judge.id, passed=True, feedback="they do")
    engine.end(judge, commit=None)
    [run] = seen(engine).items
    assert (run.status, run.tasks_created, run.cause) == ("completed", 1, "result_missing")
    assert lifecycle.get_workflow(engine.db, engine.workflow_id).result_id is not None
    assert diagnoses.start_due(engine.db, AT_ONCE) == 0
    assert [e.type for e in engine.events() if e.type.startswith("diagnosis")] == [
        *("diagnosis.started", "diagnosis.ended")
    ]


def test_two_beats_start_one_run(engine: Engine) -> None:
    standing_still(engine)
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: diagnoses.start_due(engine.db, AT_ONCE), range(8)))
    assert sum(started) == 1
    assert [run.status for run in seen(engine).items] == ["running"]


def test_a_workflow_that_waits_for_a_person_says_so(engine: Engine) -> None:
    standing_still(engine)
    engine.create("Choose a colour.")
    agent = engine.run(engine.claimed())
    question = ask(engine.db, agent.id, "Red or blue?", wait=True, hours=1)
    engine.end(agent)

    assert diagnoses.start_due(engine.db, AT_ONCE) == 0

    told = seen(engine)
    assert (told.items, told.due_at) == ([], None)
    assert told.outlook.startswith("It waits for a person, so no agent is started:")
    questions.answer(engine.db, question.id, answer="Red", by="ada")
    assert "does not stand still" in seen(engine).outlook


def test_the_end_of_its_agent_ends_the_run_as_failed(engine: Engine) -> None:
    standing_still(engine)
    engine.end(diagnosing(engine), failure=BROKEN)
    [run] = seen(engine).items
    assert (run.status, run.tasks_created) == ("failed", 0)
    assert run.report is not None
    assert "the compiler is missing" in run.report


@pytest.mark.parametrize("fails", [True, False])
def test_the_reason_stays_with_what_was_found_out_beside_it(engine: Engine, fails: bool) -> None:
    standing_still(engine)
    agent = diagnosing(engine)
    if fails:
        engine.end(agent, failure=BROKEN)
    else:
        reports.report_status(engine.db, agent.id, status="done", summary="A person must decide")
        engine.end(agent)
    diagnoses.end_finished(engine.db)

    found = lifecycle.get_workflow(engine.db, engine.workflow_id).condition

    assert (found.name, found.cause) == ("stands_still", "result_missing")
    assert "no agent submitted the result" in found.reason
    assert "no task was created in: fix" in found.reason
    because = "failed: the compiler is missing" if fails else "that: A person must decide"
    assert found.reason.endswith(f"{because}.")
    engine.create("Something else.")
    engine.finish(engine.run(engine.claimed()))
    later = lifecycle.get_workflow(engine.db, engine.workflow_id).condition
    assert "iagnosis" not in later.reason, "it was about what stood still before"


def test_its_tasks_are_limited_over_all_attempts(engine: Engine) -> None:
    standing_still(engine)
    lifecycle.change_limits(engine.db, engine.workflow_id, {"tasks_per_diagnosis": 2})
    first = diagnosing(engine)
    created = ordered(engine, first.id, "Write the tests.")
    engine.end(first, failure=Trouble(FailureClass.TRANSIENT, "the program died"))
    with engine.db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE tasks SET due_at = NULL")
    taken = [engine.run(engine.claimed()), engine.run(engine.claimed())]
    [second] = [each for each in taken if each.task_id == first.task_id]
    assert ordered(engine, second.id, "Write the tests.").id == created.id, "asked for before"
    ordered(engine, second.id, "Run the tests.")
    with pytest.raises(LimitReached, match="This diagnosis has created 2 tasks"):
        ordered(engine, second.id, "Praise the tests.")


def test_runs_are_limited_and_a_person_is_told(engine: Engine) -> None:
    standing_still(engine)
    lifecycle.change_limits(engine.db, engine.workflow_id, {"diagnoses_per_workflow": 2})
    for _ in range(2):
        engine.end(diagnosing(engine), failure=BROKEN)
        diagnoses.end_finished(engine.db)

    assert diagnoses.start_due(engine.db, AT_ONCE) == 0

    assert "2 of 2 runs" in seen(engine).outlook
    [item] = [i for i in inbox(engine.db).items if i.kind == "diagnoses_used_up"]
    assert "the compiler is missing" in item.evidence
    assert "task_failed" not in {i.kind for i in inbox(engine.db).items}
    lifecycle.change_limits(engine.db, engine.workflow_id, {"diagnoses_per_workflow": 3})
    assert "diagnoses_used_up" not in {i.kind for i in inbox(engine.db).items}
    assert diagnoses.start_due(engine.db, AT_ONCE) == 1


def test_a_run_that_finds_nothing_is_not_repeated(engine: Engine) -> None:
    standing_still(engine)
    engine.finish(diagnosing(engine))
    assert "found nothing" in seen(engine).outlook
    assert diagnoses.start_due(engine.db, AT_ONCE) == 0
    engine.create("Something else.")
    engine.finish(engine.run(engine.claimed()))
    assert diagnoses.start_due(engine.db, AT_ONCE) == 1


def test_it_waits_for_its_time(engine: Engine) -> None:
    standing_still(engine)
    assert diagnoses.start_due(engine.db, Rhythm(enabled=True, still_for=600, cooldown=0)) == 0
    assert diagnoses.start_due(engine.db, Rhythm(enabled=False, still_for=0, cooldown=0)) == 0
