import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from sqlalchemy import text

from hephaestus_core.agents import reports
from hephaestus_core.contract.errors import (
    InvalidInput,
    LimitReached,
    StaleAttempt,
    TransitionRefused,
)
from hephaestus_core.contract.statuses import TaskKind
from hephaestus_core.intake import rulings
from hephaestus_core.intake.comparing import Thresholds
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.tasks import marks, store
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.going_on import go_on
from hephaestus_core.tasks.views import TaskView, duplicate_told
from tests.engine import PHASES, Engine
from tests.statements import counted

ROOT = Path(__file__).parents[3]
THRESHOLDS = Thresholds(similarity=0.92, related=0.5)
RETRY = "Add a retry with backoff to the upload in `src/upload.py`."
AGAIN = "* add a retry with backoff\n  to the upload in `src/upload.py`"
REWORDED = "Please add a retry with backoff to the upload in `src/upload.py`."
RELATED = "Add a retry with a limit to the upload in `src/upload.py`."


Create = Callable[..., TaskView]


@pytest.fixture
def create(engine: Engine) -> Create:
    """Add a task that is compared with the others."""
    engine.start_workflow()

    def added(description: str, **order: Any) -> TaskView:
        return engine.create(description, compared=THRESHOLDS, **order)

    return added


@pytest.mark.parametrize("same", [RETRY, AGAIN, REWORDED])
def test_the_same_work_in_the_same_phase_is_done_once(
    engine: Engine, create: Create, same: str
) -> None:
    first = create(RETRY)
    second = create(same)
    assert (first.status, second.status) == ("queued", "duplicated")
    assert (second.duplicate_of, second.similarity) == (first.id, 1.0)
    assert str(first.id) in (duplicate_told(second) or "")
    assert second.similarity_reason
    told = [event.data for event in engine.events("task.status_changed")]
    assert told[-1]["duplicate_of"] == str(first.id)
    assert engine.claimed().task_id == first.id
    assert engine.claim() is None


def test_other_work_is_no_duplicate(engine: Engine, create: Create) -> None:
    first = create(RETRY)
    others = [
        create(RETRY, phase_id=2),
        create(RETRY, cli_tool="scripted"),
        create(RETRY, ticket_id="T-1"),
        create(RETRY, done_definition="a test shows it"),
        create(RETRY, after=(first.id,)),
        create(RETRY, by_system=True),
        create(RETRY, kind=TaskKind.REVIEW),
        engine.create(RETRY),
    ]
    engine.launch()
    others.append(create(RETRY))
    assert [task.duplicate_of for task in others] == [None] * len(others)


def test_like_work_runs_and_names_what_it_is_like(create: Create) -> None:
    first = create(RETRY)
    like = create(RELATED)
    other = create("Translate the manual into German.")
    assert (like.status, like.related_to) == ("queued", first.id)
    assert like.similarity is not None
    assert THRESHOLDS.related <= like.similarity < 1
    assert like.similarity_reason
    assert (other.status, other.related_to) == ("queued", None)


@pytest.mark.parametrize("played", ["mistake", "honest"])
def test_rules_throw_none_of_twelve_orders_away(create: Create, played: str) -> None:
    """Wordings of one order have hardly a word in common, and twelve orders differ in a path."""
    script = Path("behaviours", "02-twelve-wordings", played, "prove.yaml")
    steps = yaml.safe_load((ROOT / script).read_text())
    orders = [step["create_task"]["description"] for step in steps if "create_task" in step]

    made = [create(order) for order in orders]

    assert len(made) == 12
    assert {task.duplicate_of for task in made} == {None}


def test_a_task_that_does_no_work_frees_its_text(engine: Engine, create: Create) -> None:
    first = create(RETRY)
    tasks.cancel_task(engine.db, first.id)
    second = create(RETRY)
    assert second.status == "queued"
    # Both run then, by a person's word.
    assert tasks.restart_task(engine.db, first.id).status == "queued"
    assert create(RETRY).status == "duplicated"


def test_done_work_is_not_done_again(engine: Engine, create: Create) -> None:
    first = create(RETRY)
    engine.finish(engine.run(engine.claimed()))
    assert engine.status(first) == "done"
    assert create(REWORDED).duplicate_of == first.id


def test_a_creation_asks_the_database_five_times(engine: Engine, create: Create) -> None:
    create(RETRY)
    with counted(engine.db) as sent:
        assert create(RELATED).status == "queued"
    # Workflow and phase; tasks that are alike; the row with its marks; the count; the events.
    assert len(sent) == 5, sent


def test_a_creation_without_a_comparison_asks_five_times(engine: Engine, create: Create) -> None:
    create(RETRY)
    with counted(engine.db) as sent:
        assert engine.create(RELATED).status == "queued"
    # Workflow and phase; the time; the row; the count; the events.
    assert len(sent) == 5, sent


def test_tasks_that_are_alike_are_looked_up_by_their_ids(engine: Engine, create: Create) -> None:
    # So few tasks, of which the planner has no statistics, tempt it to join all of the phase.
    created = [create(f"Translate chapter {number} of the manual.") for number in range(20)]
    given = {
        "workflow_id": created[0].workflow_id,
        "phase_id": 1,
        "whole": [1],
        "parts": [2, 3],
        "withdrawn": ["cancelled"],
        "per_mark": 16,
        "most": 3,
    }
    plan = plan_of_the_look(engine, given)
    assert plan.count("using pk_tasks on tasks") == 1, plan
    assert plan.count(" on tasks") == 1, plan


def test_of_a_mark_that_many_tasks_have_only_the_newest_are_read(
    engine: Engine, create: Create
) -> None:
    # Few marks are shared by all, most by none: the planner expects few rows of each, and would
    # rather sort them all than read the newest in the order of the index.
    filled = """
        INSERT INTO task_marks (mark, task_id)
        SELECT CASE WHEN own THEN number * 8 + part ELSE part END, gen_random_uuid()
        FROM generate_series(1, 800) AS number, generate_series(1, 6) AS part,
             unnest(ARRAY[true, false]) AS own
    """
    with engine.db.transaction() as session:
        session.execute(text(filled))
        session.execute(text("ANALYZE task_marks"))
    given = {
        "workflow_id": create(RETRY).workflow_id,
        "phase_id": 1,
        "whole": [1],
        "parts": [2, 3],
        "withdrawn": ["cancelled"],
        "per_mark": 16,
        "most": 3,
    }
    plan = plan_of_the_look(engine, given)
    assert "Index Scan Backward using pk_task_marks" in plan, plan


def plan_of_the_look(engine: Engine, given: dict[str, Any]) -> str:
    with engine.db.reading() as session:
        query = text(f"EXPLAIN {marks._ALIKE.element.text}")
        return "\n".join(session.scalars(query, given))


def test_a_duplicate_is_no_open_work(engine: Engine, create: Create) -> None:
    create(RETRY)
    second = create(RETRY)
    assert [task.id for task in tasks.list_tasks(engine.db, live=True).items] != [second.id]
    for act in (tasks.restart_task, tasks.cancel_task, tasks.bump_task):
        with pytest.raises(TransitionRefused):
            act(engine.db, second.id)


def test_duplicates_use_up_no_limit(engine: Engine) -> None:
    engine.start_workflow()
    lifecycle.change_limits(engine.db, engine.workflow_id, {"tasks_per_workflow": 2})
    for _ in range(5):
        engine.create(RETRY, compared=THRESHOLDS)
    engine.create("Translate the manual.", compared=THRESHOLDS)
    with pytest.raises(LimitReached):
        engine.create("Rename the project.", compared=THRESHOLDS)


def test_what_comes_after_a_duplicate_comes_after_its_original(
    engine: Engine, create: Create
) -> None:
    first = create(RETRY)
    second = create(RETRY)
    follower = create("Measure the upload.", after=(second.id,))
    assert follower.status == "pending"
    go_on(engine.db)
    assert engine.status(follower) == "pending"
    engine.finish(engine.run(engine.claimed()))
    assert engine.status(first) == "done"
    assert engine.status(follower) == "queued"
    assert create("Document the upload.", after=(second.id,)).status == "queued"


def test_an_agent_is_told_which_task_does_its_order(engine: Engine, create: Create) -> None:
    first = create(RETRY)
    create("Plan the work.", priority="critical")
    agent = engine.run(engine.claimed())
    order = TaskOrder(
        workflow_id=engine.workflow_id, description=AGAIN, phase_id=1, compared=THRESHOLDS
    )
    task = reports.create_task(engine.db, agent.id, order)
    assert (task.status, task.duplicate_of) == ("duplicated", first.id)
    engine.finish(agent)
    assert engine.status(task) == "duplicated"


def test_of_tasks_created_at_once_each_runs_once(engine: Engine, create: Create) -> None:
    texts = [f"Add a retry to the upload of part {number}." for number in range(30)]
    start = threading.Barrier(16)

    def client(number: int) -> list[TaskView]:
        start.wait()
        return [create(texts[(number * 7 + turn) % len(texts)]) for turn in range(len(texts))]

    with ThreadPoolExecutor(16) as pool:
        created = [task for found in pool.map(client, range(16)) for task in found]
    statuses = Counter(task.status for task in created)
    assert statuses == {"queued": len(texts), "duplicated": 15 * len(texts)}
    doers: set[UUID | None] = {task.id for task in created if task.status == "queued"}
    assert {task.duplicate_of for task in created if task.status == "duplicated"} <= doers


def test_a_text_that_is_freed_and_taken_at_once_is_never_lost(
    engine: Engine, create: Create
) -> None:
    def client(_number: int) -> list[TaskView]:
        found = []
        for _ in range(15):
            task = create(RETRY)
            found.append(task)
            if task.status == "queued":
                tasks.cancel_task(engine.db, task.id)
        return found

    with ThreadPoolExecutor(8) as pool:
        created = [task for found in pool.map(client, range(8)) for task in found]
    known = {task.id for task in created}
    assert {task.duplicate_of for task in created if task.duplicate_of} <= known
    with engine.db.reading() as session:
        held = session.scalar(text("SELECT count(*) FROM tasks WHERE text_key IS NOT NULL"))
    assert held == 0
    assert create(RETRY).status == "queued"


def test_a_person_lets_a_duplicate_run(engine: Engine, create: Create) -> None:
    first = create(RETRY)
    second = create(RETRY)
    follower = create("Measure the upload.", after=(second.id,))

    def ruled(_number: int) -> str:
        try:
            return rulings.not_duplicate(engine.db, second.id).status
        except TransitionRefused:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        assert Counter(pool.map(ruled, range(4))) == {"queued": 1, "refused": 3}
    found = tasks.get_task(engine.db, second.id)
    assert (found.duplicate_of, found.related_to) == (None, first.id)
    engine.finish(engine.run(engine.claimed()))
    assert (engine.status(first), engine.status(follower)) == ("done", "pending")
    engine.finish(engine.run(engine.claimed()))
    assert (engine.status(second), engine.status(follower)) == ("done", "queued")


def test_a_person_withdraws_a_task_whose_work_another_one_does(
    engine: Engine, create: Create
) -> None:
    first = create("Retry uploads that fail.")
    second = create(RETRY, priority="critical")
    third = create(RETRY)
    follower = create("Measure the upload.", after=(second.id,))
    agent = engine.run(engine.claimed())
    assert agent.task_id == second.id
    withdrawn = rulings.is_duplicate(engine.db, second.id, of=first.id, reason="It says the same.")
    assert (withdrawn.status, withdrawn.duplicate_of) == ("duplicated", first.id)
    with pytest.raises(StaleAttempt):
        engine.report_done(agent)
    # Its own duplicates, its followers and its text belong to the other task from now on.
    assert tasks.get_task(engine.db, third.id).duplicate_of == first.id
    assert create(RETRY).duplicate_of == first.id
    engine.end(agent)
    engine.finish(engine.run(engine.claimed()))
    assert (engine.status(first), engine.status(follower)) == ("done", "queued")
    for task in (first, second, third):
        with pytest.raises(TransitionRefused):
            rulings.is_duplicate(engine.db, task.id, of=follower.id)


def test_a_task_is_no_duplicate_of_one_that_does_not_do_its_work(
    engine: Engine, create: Create
) -> None:
    first = create(RETRY)
    later = create("Measure the upload.", after=(first.id,))
    last = create("Report the measure.", after=(later.id,))
    for other in (first, later, last):
        with pytest.raises(InvalidInput):
            rulings.is_duplicate(engine.db, first.id, of=other.id)
    cancelled = create("Forget it.")
    tasks.cancel_task(engine.db, cancelled.id)
    with pytest.raises(TransitionRefused):
        rulings.is_duplicate(engine.db, first.id, of=cancelled.id)
    assert engine.status(first) == "queued"


def test_a_duplicate_that_would_wait_for_itself_is_not_let_run(
    engine: Engine, create: Create
) -> None:
    original = create(RETRY)
    before = create("Rename the module.")
    second = create("Measure the upload.", after=(before.id,))
    rulings.is_duplicate(engine.db, second.id, of=original.id)
    follower = create("Report the measure.", after=(second.id,))
    rulings.is_duplicate(engine.db, before.id, of=follower.id)
    with pytest.raises(TransitionRefused, match="itself"):
        rulings.not_duplicate(engine.db, second.id)
    engine.finish(engine.run(engine.claimed()))
    assert engine.status(follower) == "queued"


def test_a_ruling_that_is_taken_back_uses_up_no_limit(engine: Engine, create: Create) -> None:
    lifecycle.change_limits(engine.db, engine.workflow_id, {"tasks_per_workflow": 2})
    first, second = create(RETRY), create("Measure the upload.")
    for _ in range(2):
        rulings.is_duplicate(engine.db, second.id, of=first.id)
        assert rulings.not_duplicate(engine.db, second.id).status == "queued"


def test_a_duplicate_that_runs_after_all_sees_what_its_creator_has_saved(
    engine: Engine, create: Create
) -> None:
    create(RETRY)
    create("Plan the work.", priority="critical")
    agent = engine.run(engine.claimed())
    order = TaskOrder(
        workflow_id=engine.workflow_id, description=AGAIN, phase_id=1, compared=THRESHOLDS
    )
    task = reports.create_task(engine.db, agent.id, order)
    engine.report_done(agent)
    engine.end(agent, commit="saved")
    assert rulings.not_duplicate(engine.db, task.id).status == "queued"
    with engine.db.reading() as session:
        assert store.get(session, task.id).start_commit == "saved"


def test_a_duplicate_that_runs_after_all_starts_from_unmerged_work_that_it_comes_after(
    engine: Engine,
) -> None:
    engine.start_workflow(phases=[{**PHASES[0], "merge": "with_children"}, PHASES[1]])
    before = engine.create("Write a test that fails.")
    orders = [
        engine.create(RETRY, phase_id=2, after=(before.id,), compared=THRESHOLDS) for _ in range(2)
    ]
    agent = engine.run(engine.claimed())
    engine.report_done(agent)
    engine.end(agent, commit="test")
    assert rulings.not_duplicate(engine.db, orders[1].id).status == "queued"
    with engine.db.reading() as session:
        starts = [store.get(session, each.id).start_commit for each in orders]
    assert starts == ["test", "test"]
