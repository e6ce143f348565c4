"""Work that is merged only together with work that follows it, such as a failing test."""

from hephaestus_core.agents import hosting, reports
from hephaestus_core.agents.views import AgentView
from hephaestus_core.changes import service as changes
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.results import service as results
from hephaestus_core.tasks.service import get_task
from hephaestus_core.tasks.views import TaskView
from tests.engine import Engine
from tests.integration.core.test_conditions import deliver, named, stands

PHASES = [
    {"id": 1, "name": "prove", "description": "Prove it.", "merge": "with_children"},
    {"id": 2, "name": "fix", "description": "Fix it."},
]


def proven(engine: Engine, *, after_own: bool) -> tuple[AgentView, TaskView]:
    """Return the agent of a task that is done, and the task that it has created."""
    engine.create("prove it")
    agent = engine.run(engine.claimed())
    order = TaskOrder(workflow_id=engine.workflow_id, phase_id=2, description="fix it")
    child = reports.create_task(engine.db, agent.id, order, after_own=after_own)
    engine.report_done(agent)
    engine.end(agent)
    assert get_task(engine.db, agent.task_id).status == "done"
    return agent, child


def merges(engine: Engine) -> list[str]:
    return [merge.status for merge in changes.list_merges(engine.db, engine.workflow_id)]


def test_it_is_merged_after_the_work_of_a_task_that_it_has_created(engine: Engine) -> None:
    engine.start_workflow(phases=PHASES)
    author, child = proven(engine, after_own=True)
    assert (merges(engine), engine.merge_due()) == (["waiting"], 0)
    assert engine.status(child) == "queued", "its parent is done"

    fixing = engine.run(engine.claimed())
    assert hosting.launch_plan(engine.db, fixing.id).start_commit == f"commit-of-{author.id}"
    engine.report_done(fixing)
    engine.end(fixing)
    [due] = changes.due_merges(engine.db)
    assert due.task_id == child.id
    engine.merge_due()

    assert merges(engine) == ["pending", "merged"]
    assert not stands(engine).finished, "a merge is still to be made"
    [due] = changes.due_merges(engine.db)
    assert due.tip == f"commit-of-{author.id}"
    engine.merge_due()
    deliver(engine)
    assert merges(engine) == ["merged", "merged"]
    assert named(stands(engine)) == ("quiet", None)
    assert stands(engine).finished


def test_without_a_child_its_branch_stays_and_that_is_said(engine: Engine) -> None:
    engine.start_workflow(phases=PHASES)
    engine.create("prove it")
    agent = engine.run(engine.claimed())
    engine.report_done(agent)
    engine.end(agent)
    deliver(engine)

    assert (merges(engine), engine.merge_due()) == (["waiting"], 0)
    assert stands(engine).finished
    assert stands(engine).reason.endswith(
        f"Not merged, since no work that follows is: {agent.branch}."
    )


def test_an_accepted_result_of_it_is_merged_but_not_that_nothing_was_found(
    engine: Engine,
) -> None:
    for outcome, expected in (("done", ["merged"]), ("not_reproduced", ["waiting"])):
        engine.start_workflow(phases=PHASES, on_result_found="complete")
        engine.create("prove it")
        author = engine.run(engine.claimed())
        results.submit(engine.db, author.id, explanation="see", outcome=outcome)
        engine.report_done(author)
        engine.end(author)
        reviewer = engine.run(engine.claimed())

        results.judge(engine.db, reviewer.id, passed=True, feedback="seen")
        engine.end(reviewer, commit=None)
        engine.merge_due()

        assert merges(engine)[:1] == expected, "the other is that of the review"
