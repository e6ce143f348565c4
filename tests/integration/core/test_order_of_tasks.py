"""Tasks that come after others, and tasks that the system creates once phases are at rest."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from hephaestus_core.agents import hosting, reports
from hephaestus_core.agents.details import task_detail
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.results import service as results
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.going_on import go_on
from hephaestus_core.tasks.views import TaskView
from tests.engine import Engine
from tests.integration.core.test_conditions import deliver, named, stands

JOINED = [
    {"id": 1, "name": "prove", "description": "Prove it.", "done_definitions": ["proven"]},
    {"id": 2, "name": "fix", "description": "Fix it."},
    {
        "id": 3,
        "name": "verify",
        "description": "Verify it.",
        "done_definitions": ["verified"],
        "join": [1, 2],
        "max_rounds": 2,
    },
]


def create_from(engine: Engine, agent: AgentView, *, after_own: bool = False, **order: Any) -> Any:
    order.setdefault("description", "follow")
    wanted = TaskOrder(workflow_id=engine.workflow_id, phase_id=1, **order)
    return reports.create_task(engine.db, agent.id, wanted, after_own=after_own)


def do(engine: Engine, task: TaskView | None = None) -> AgentView:
    """Take the next task from its claim to its merge."""
    agent = engine.run(engine.claimed())
    assert task is None or agent.task_id == task.id
    engine.finish(agent)
    return agent


def of_phase(engine: Engine, phase_id: int) -> list[TaskView]:
    found = tasks.list_tasks(engine.db, workflow_id=engine.workflow_id, phase_id=phase_id)
    return found.items[::-1]


def test_a_task_starts_once_all_that_it_comes_after_are_done(engine: Engine) -> None:
    engine.start_workflow()
    first, second = engine.create("a"), engine.create("b")
    last = engine.create("c", after=(first.id, second.id, first.id), done_definition="also this")
    assert engine.status(last) == "pending"
    assert [each.id for each in task_detail(engine.db, last.id).after] == [first.id, second.id]
    assert last.done_definition == "- found\nalso this", "it is added to that of the phase"

    do(engine)
    assert engine.status(last) == "pending"
    do(engine)

    assert engine.status(last) == "queued"
    assert engine.create("d", after=(first.id,)).status == "queued"


def test_a_task_comes_after_tasks_of_its_own_workflow_only(engine: Engine) -> None:
    engine.start_workflow()
    elsewhere = engine.create()
    engine.launch()
    for wrong in (elsewhere.id, uuid4()):
        with pytest.raises(InvalidInput, match=str(wrong)):
            engine.create("b", after=(wrong,))


def test_a_task_for_when_its_creator_is_done_starts_from_all_of_its_work(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    child = create_from(engine, agent, after_own=True)
    hosting.record_checkpoint(
        engine.db, agent.id, fence=agent.fence, commit="half", waiting=[child.id]
    )
    assert engine.status(child) == "pending"
    assert not hosting.agents_of(engine.db, "a")[0].awaited, "it waits for no further checkpoint"
    assert hosting.waiting_for(engine.db, agent.id) == [], "else its host would save without end"
    engine.report_done(agent)
    engine.end(agent, commit="whole")
    assert engine.status(child) == "pending", "its creator's work is still to be merged"

    engine.merge_due()

    assert engine.status(child) == "queued"
    assert hosting.launch_plan(engine.db, engine.claimed().id).start_commit == "whole"


def test_a_task_behind_a_failed_one_stands_still_until_that_is_restarted(engine: Engine) -> None:
    engine.start_workflow()
    first = engine.create("the first")
    second = engine.create("the second", after=(first.id,))
    third = engine.create("the third", after=(second.id,))
    engine.end(engine.claimed(), failure=Trouble("permanent", "no such branch"))

    assert (engine.status(first), engine.status(third)) == ("failed", "pending")
    assert named(stands(engine)) == ("stands_still", "waits_for_task")
    assert stands(engine).finished
    assert stands(engine).reason == (
        "“the second” (and 1 more) waits for task “the first”, which failed; restart that one, or "
        "cancel what waits."
    )

    tasks.restart_task(engine.db, first.id)
    assert named(stands(engine)) == ("at_work", None)
    do(engine, first)
    assert engine.status(second) == "queued"


def test_a_pass_finds_a_task_that_nothing_keeps(engine: Engine) -> None:
    engine.start_workflow()
    first = engine.create()
    waiting = engine.create(after=(first.id,))
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET status = 'done' WHERE id = :id"), {"id": first.id})

    go_on(engine.db)
    go_on(engine.db)

    assert engine.status(waiting) == "queued"


def test_a_join_starts_once_in_each_round_and_then_a_person_decides(engine: Engine) -> None:
    engine.start_workflow(phases=JOINED, has_result=True)
    engine.create("prove a", phase_id=1, priority="high")
    failing = engine.create("fix b", phase_id=2)
    do(engine)
    assert of_phase(engine, 3) == [], "a task of a joined phase is live"
    engine.end(engine.claimed(), failure=Trouble("permanent", "too hard"))

    [join] = of_phase(engine, 3)
    assert (join.status, join.created_by, join.kind) == ("queued", "join", "work")
    assert join.done_definition == "- verified"
    assert "Round 1 of at most 2" in join.description
    assert "prove a – did it" in join.description
    assert f"failed, phase 2 (fix), task {failing.id}: fix b – too hard" in join.description
    assert not engine.events("workflow.quiet")
    go_on(engine.db)
    assert len(of_phase(engine, 3)) == 1

    verifying = engine.run(engine.claimed())
    wanted = TaskOrder(workflow_id=engine.workflow_id, phase_id=2, description="again")
    reports.create_task(engine.db, verifying.id, wanted)
    engine.finish(verifying)
    assert len(of_phase(engine, 3)) == 1, "the task that it has created is live"
    do(engine)
    assert [join.title for join in of_phase(engine, 3)] == ["verify, round 1", "verify, round 2"]
    do(engine)
    assert named(stands(engine)) == ("stands_still", "tasks_failed")

    engine.create("once more", phase_id=2)
    do(engine)

    assert len(of_phase(engine, 3)) == 2
    [told] = engine.events("workflow.rounds_used_up")
    assert (told.data["phase_id"], told.data["rounds"]) == (3, 2)
    assert named(stands(engine)) == ("waits_for_you", "rounds_used_up")


def test_no_join_starts_while_a_result_is_under_judgement(engine: Engine) -> None:
    engine.start_workflow(phases=JOINED, has_result=True)
    engine.create(phase_id=1)
    agent = engine.run(engine.claimed())
    results.submit(engine.db, agent.id, explanation="tried", outcome="not_reproduced")
    engine.finish(agent)
    go_on(engine.db)
    assert of_phase(engine, 3) == []

    judge = engine.run(engine.claimed())
    results.judge(engine.db, judge.id, passed=False, feedback="It was seen here.")
    engine.finish(judge)

    assert [join.title for join in of_phase(engine, 3)] == ["verify, round 1"]


def test_work_whose_rounds_are_used_up_is_not_delivered_unasked(engine: Engine) -> None:
    engine.start_workflow(phases=[*JOINED[:2], {**JOINED[2], "max_rounds": 1}])
    for _ in range(2):
        engine.create(phase_id=2)
        do(engine)
        if of_phase(engine, 3)[-1].status == "queued":
            do(engine)
            deliver(engine)

    stood = stands(engine)
    assert named(stood) == ("waits_for_you", "approval")
    assert stood.reason == (
        "The work waits for your approval to go to main: verify has had all of its rounds."
    )


def test_tasks_that_end_at_once_make_one_join(engine: Engine) -> None:
    engine.with_host("a", slots=20)
    engine.start_workflow(phases=JOINED)
    for n in range(6):
        engine.create(f"fix {n}", phase_id=2)
    agents = [engine.run(engine.claimed()) for _ in range(6)]
    for agent in agents:
        engine.report_done(agent)

    def end(agent: AgentView) -> None:
        engine.end(agent, commit=None)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(end, agents))

    assert [join.title for join in of_phase(engine, 3)] == ["verify, round 1"]
    do(engine)
    assert len(of_phase(engine, 3)) == 1, "nothing was done since"
    assert workflow_is_quiet(engine, engine.workflow_id)


def workflow_is_quiet(engine: Engine, workflow_id: UUID) -> bool:
    return lifecycle.get_workflow(engine.db, workflow_id).live_tasks == 0
