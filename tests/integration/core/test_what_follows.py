"""Work that must follow a task before it counts as done."""

from typing import Any

import pytest
from sqlalchemy import text

from hephaestus_core.agents import reports
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.errors import TransitionRefused
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.results import service as results
from hephaestus_core.tasks import service as tasks
from tests.engine import Engine

LEADING = [
    {"id": 1, "name": "prove", "description": "Prove it.", "leads_to": [2, "result"]},
    {"id": 2, "name": "fix", "description": "Fix it.", "leads_to": [3]},
    {"id": 3, "name": "verify", "description": "Verify it.", "join": [1, 2]},
]


def at_work(engine: Engine) -> AgentView:
    engine.start_workflow(phases=LEADING)
    engine.create()
    return engine.run(engine.claimed())


def create_from(engine: Engine, agent: AgentView, description: str = "fix", **order: Any) -> Any:
    order.setdefault("phase_id", 2)
    wanted = TaskOrder(workflow_id=engine.workflow_id, description=description, **order)
    return reports.create_task(engine.db, agent.id, wanted)


def test_a_report_without_what_must_follow_is_refused_until_it_has_followed(
    engine: Engine,
) -> None:
    agent = at_work(engine)
    with pytest.raises(TransitionRefused, match="create_task with phase_id 2 or call submit"):
        engine.report_done(agent)
    create_from(engine, agent, "write a page", phase_id=1)
    with pytest.raises(TransitionRefused, match="Not done yet"):
        engine.report_done(agent)

    create_from(engine, agent)

    assert engine.report_done(agent).status == "under_review"


def test_a_result_and_a_reason_are_other_ways(engine: Engine) -> None:
    agent = at_work(engine)
    results.submit(engine.db, agent.id, explanation="not a bug")
    assert engine.report_done(agent).status == "under_review"

    second = at_work(engine)
    reports.report_status(
        engine.db, second.id, status="done", summary="looked", nothing_follows="it is by design"
    )

    task = tasks.get_task(engine.db, second.task_id)
    assert (task.status, task.nothing_follows) == ("under_review", "it is by design")
    told = [e.data.get("nothing_follows") for e in engine.events("task.status_changed")]
    assert told[-1] == "it is by design"


def test_what_an_earlier_attempt_created_counts(engine: Engine) -> None:
    agent = at_work(engine)
    create_from(engine, agent)
    engine.end(agent, failure=Trouble("transient", "killed"))
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL, boosted = (attempt = 1)"))

    second = engine.run(engine.claimed())

    assert second.task_id == agent.task_id
    assert engine.report_done(second).status == "under_review"


def test_a_join_of_the_phase_follows_by_itself(engine: Engine) -> None:
    engine.start_workflow(phases=LEADING)
    engine.create(phase_id=2)
    assert engine.report_done(engine.run(engine.claimed())).status == "under_review"
