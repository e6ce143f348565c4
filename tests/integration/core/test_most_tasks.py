"""A phase takes so many tasks in a round: exact, whoever creates them, and said with a remedy."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hephaestus_core.agents import reports
from hephaestus_core.contract.errors import InvalidInput, LimitReached
from hephaestus_core.definitions import service as definitions
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.tasks import service as tasks
from tests.engine import Engine

PHASES: list[dict[str, Any]] = [
    {"id": 1, "name": "plan", "description": "Plan it."},
    {"id": 2, "name": "build", "description": "Build it.", "most_tasks": 3},
    {"id": 3, "name": "check", "description": "Check it.", "join": [2]},
]


def planner(engine: Engine) -> Any:
    engine.launch(engine.define(phases=PHASES))
    engine.create("plan it", phase_id=1)
    return engine.run(engine.claimed())


def order(engine: Engine, text: str) -> TaskOrder:
    return TaskOrder(workflow_id=engine.workflow_id, description=text, phase_id=2)


def test_creators_at_once_never_exceed_the_most_of_a_phase(engine: Engine) -> None:
    agent = planner(engine)

    def attempt(number: int) -> bool:
        try:
            if number % 2:
                reports.create_task(engine.db, agent.id, order(engine, f"part {number}"))
            else:
                engine.create(f"part {number}", phase_id=2)
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == 3
    found = tasks.list_tasks(engine.db, workflow_id=engine.workflow_id, phase_id=2)
    assert len(found.items) == 3, "what was refused is not there"
    [told] = engine.events("workflow.limit_reached")
    assert (told.data["limit"], told.data["most"], told.data["phase_id"]) == ("most_tasks", 3, 2)
    shown = lifecycle.get_workflow(engine.db, engine.workflow_id)
    assert shown.limits_reached == ["most_tasks of phase 2"]


def test_each_is_told_a_remedy_and_people_may_create_more(engine: Engine) -> None:
    agent = planner(engine)
    made = [engine.create(f"part {number}", phase_id=2) for number in range(3)]
    with pytest.raises(LimitReached, match="Phase 2 has 3 tasks.*report with nothing_follows"):
        reports.create_task(engine.db, agent.id, order(engine, "one more"))
    with pytest.raises(LimitReached, match="create it with beyond_limit") as refused:
        engine.create("one more", phase_id=2)
    assert refused.value.code == "limit_reached"
    engine.create("one more", phase_id=2, beyond_limit=True)
    engine.create("in another phase", phase_id=1)

    for task in made[:2]:
        tasks.cancel_task(engine.db, task.id)
    engine.create("in place of two that are cancelled", phase_id=2)
    with pytest.raises(LimitReached):
        engine.create("one too many", phase_id=2)


def test_the_next_round_begins_when_a_join_starts(engine: Engine) -> None:
    planner(engine)
    for number in range(3):
        engine.create(f"part {number}", phase_id=2)
    for _ in range(3):
        engine.finish(engine.run(engine.claimed()))
    check = engine.run(engine.claimed())
    assert tasks.get_task(engine.db, check.task_id).phase_id == 3
    for number in range(3):
        reports.create_task(engine.db, check.id, order(engine, f"mend {number}"))
    with pytest.raises(LimitReached, match="in this round"):
        reports.create_task(engine.db, check.id, order(engine, "mend a fourth"))


def test_the_number_may_come_from_the_launch(engine: Engine) -> None:
    template = {
        "parameters": [{"name": "most", "label": "Most", "type": "number", "required": False}],
        "phase_1_task_prompt": "Plan at most {most} parts.",
    }
    phases = [PHASES[0], {**PHASES[1], "most_tasks": "{most}"}]

    def launched(**params: Any) -> None:
        asked = LaunchOrder(definition_id="limited", repository="/nowhere", launch_params=params)
        engine.workflow_id = lifecycle.start_workflow(engine.db, asked).id

    definition = {"id": "limited", "name": "Limited", "phases": phases, "launch_template": template}
    definitions.save_definition(engine.db, definition)
    launched(most=1)
    engine.create("part 1", phase_id=2)
    with pytest.raises(LimitReached):
        engine.create("part 2", phase_id=2)
    launched()
    for number in range(5):
        engine.create(f"part {number}", phase_id=2)
    with pytest.raises(InvalidInput, match="do not fit phase 2"):
        launched(most=1.5)
