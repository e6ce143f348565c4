"""What is said twice, too late, or while something else is under way."""

from uuid import UUID

import pytest

from hephaestus_core.agents import hosting, reports
from hephaestus_core.agents import service as agents
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.errors import StaleAttempt
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import closing
from hephaestus_core.results import service as results
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.queue import queue_status
from hephaestus_core.tasks.views import TaskView
from hephaestus_core.workflows import store as workflows
from tests.engine import Engine


def _create(engine: Engine, agent: AgentView, description: str = "look there") -> TaskView:
    order = TaskOrder(workflow_id=engine.workflow_id, description=description, phase_id=2)
    return reports.create_task(engine.db, agent.id, order)


def _claim_now(engine: Engine, task_id: UUID) -> AgentView:
    tasks.bump_task(engine.db, task_id)
    return engine.run(engine.claimed())


def test_an_order_whose_answer_was_lost_is_given_twice_and_makes_one_task(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())

    first, second = _create(engine, agent), _create(engine, agent)

    assert first.id == second.id
    assert _create(engine, agent, "look elsewhere").id != first.id


def test_a_new_attempt_that_orders_what_the_earlier_one_did_finds_that_task(
    engine: Engine,
) -> None:
    engine.start_workflow()
    parent = engine.create()
    first = engine.run(engine.claimed())
    child = _create(engine, first)
    engine.end(first, failure=Trouble("transient", "killed"))
    engine.finish(engine.run(engine.claimed()))
    assert engine.status(child) == "done"

    second = _claim_now(engine, parent.id)

    assert _create(engine, second).id == child.id


def test_a_new_attempt_that_orders_the_same_in_other_words_finds_that_task_once(
    engine: Engine,
) -> None:
    order = "Fix the rounding of amounts in billing/total.py: round the sum once at the end."
    again = "Fix the rounding of amounts in `billing/total.py`. Round the sum at the end, once!"
    engine.start_workflow()
    parent = engine.create()
    first = engine.run(engine.claimed())
    child = _create(engine, first, order)
    assert _create(engine, first, again).id != child.id, "one attempt may ask for two alike"
    engine.end(first, failure=Trouble("transient", "killed"))

    second = _claim_now(engine, parent.id)
    found = [_create(engine, second, text).id for text in (again, again, order, order)]

    assert len(set(found)) == 2
    assert found[0] == found[1], "the answer may have been lost"
    assert _create(engine, second, order.replace("total", "tax")).id not in found


def test_an_agent_may_order_again_what_it_saw_end(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    child = _create(engine, agent)
    hosting.record_checkpoint(
        engine.db, agent.id, fence=agent.fence, commit="saved", waiting=[child.id]
    )
    engine.finish(engine.run(engine.claimed()))

    assert _create(engine, agent).id != child.id


def test_a_result_that_is_submitted_twice_is_judged_once(engine: Engine) -> None:
    engine.start_workflow(has_result=True, result_criteria="it works")
    engine.create()
    agent = engine.run(engine.claimed())

    first = results.submit(engine.db, agent.id, explanation="found")
    second = results.submit(engine.db, agent.id, explanation="found")

    assert first.id == second.id
    assert len(tasks.list_tasks(engine.db, workflow_id=engine.workflow_id).items) == 2


def test_a_claim_does_not_wait_for_whoever_ends_the_workflow(engine: Engine) -> None:
    workflow = engine.start_workflow()
    task = engine.create()

    with engine.db.transaction() as session:
        row = workflows.lock(session, workflow.id)
        agent = engine.claimed()
        closing.stop_all(session, row, "stopped", "enough")

    assert engine.status(task) == "cancelled"
    with pytest.raises(StaleAttempt):
        hosting.launch_plan(engine.db, agent.id)


def test_an_agent_whose_task_was_cancelled_is_refused_and_that_is_logged(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    tasks.cancel_task(engine.db, task.id)

    with pytest.raises(StaleAttempt):
        _create(engine, agent)
    with pytest.raises(StaleAttempt):
        engine.report_done(agent)

    refused = [event.data["report"] for event in engine.events("agent.report_refused")]
    assert refused == ["create_task", "update_task_status done"]
    assert engine.status(task) == "cancelled"


def test_a_restarted_task_waits_for_its_earlier_attempt_and_goes_on_from_its_work(
    engine: Engine,
) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    tasks.cancel_task(engine.db, task.id)
    tasks.restart_task(engine.db, task.id)

    assert engine.claim() is None
    tasks.bump_task(engine.db, task.id)
    assert engine.claim() is None
    engine.end(agent, commit="saved")

    second = engine.claimed()
    assert second.attempt == 2
    assert hosting.launch_plan(engine.db, second.id).start_commit == "saved"


def test_a_failed_attempt_of_a_closed_workflow_is_not_queued_again(engine: Engine) -> None:
    workflow = engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    with engine.db.transaction() as session:
        closing.complete(session, workflows.lock(session, workflow.id), "found")

    engine.end(agent, failure=Trouble("transient", "killed"))

    assert engine.status(task) == "cancelled"
    assert [event.type for event in engine.events("workflow.quiet")] == ["workflow.quiet"]


def test_an_attempt_that_reported_done_has_not_failed(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    engine.report_done(agent)

    engine.end(agent, failure=Trouble("transient", "its session vanished"))

    assert agents.get_agent(engine.db, agent.id).failure_class is None


def test_a_retry_keeps_its_place_in_the_queue(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    later = engine.create()
    engine.end(agent, failure=Trouble("transient", "killed"))

    waiting = queue_status(engine.db).items

    assert [item.id for item in waiting] == [task.id, later.id]
