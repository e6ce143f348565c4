"""Stopping a workflow holds its lock for as long with many tasks as with few."""

from collections.abc import Callable
from uuid import UUID

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import EventView
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.results import service as results
from hephaestus_core.tasks.service import get_task
from tests.engine import Engine
from tests.statements import counted


def stop(db: Database, reviewer: AgentView) -> None:
    lifecycle.stop_workflow(db, reviewer.workflow_id)


def accept(db: Database, reviewer: AgentView) -> None:
    results.judge(db, reviewer.id, passed=True, feedback="good")


@pytest.mark.parametrize("end", [stop, accept])
def test_many_tasks_take_as_many_statements_as_few(
    engine: Engine, end: Callable[[Database, AgentView], None]
) -> None:
    engine.with_host("a", slots=200)
    taken = {}
    for number in (5, 50):
        reviewer = filled(engine, number)
        with counted(engine.db) as sent:
            end(engine.db, reviewer)
        taken[number] = len(sent)
        told = [e for e in cancelled(engine) if e.task_id != reviewer.task_id]
        assert len({e.task_id for e in told}) == len(told) == number
        for each in told:
            task = get_task(engine.db, UUID(str(each.task_id)))
            assert task.status == "cancelled"
            assert task.failure_reason == each.data["reason"]
            assert task.completed_at is not None
        assert len(dropped(engine)) == 1
    assert taken[50] == taken[5]


def filled(engine: Engine, number: int) -> AgentView:
    """Start a workflow with tasks in four statuses, and return the reviewer of a result in it."""
    engine.start_workflow(has_result=True, result_criteria="it works", on_result_found="stop_all")
    engine.create()
    author = engine.run(engine.claimed())
    results.submit(engine.db, author.id, explanation="works")
    engine.finish(author)
    reviewer = engine.run(engine.claimed())
    for _ in range(number):
        engine.create()
    engine.run(engine.claimed())
    reported = engine.run(engine.claimed())
    engine.report_done(reported)
    engine.end(reported)
    engine.claimed()
    return reviewer


def cancelled(engine: Engine) -> list[EventView]:
    return _told(engine, EventType.TASK_STATUS_CHANGED, "cancelled")


def dropped(engine: Engine) -> list[EventView]:
    return _told(engine, EventType.MERGE_STATUS_CHANGED, "dropped")


def _told(engine: Engine, type_: EventType, status: str) -> list[EventView]:
    found = [e for e in engine.events(type_) if e.workflow_id == engine.workflow_id]
    return [e for e in found if e.data["to"] == status]
