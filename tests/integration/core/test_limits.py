"""The limits of a workflow: exact, told once, and changed while it runs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, text

from hephaestus_core.agents import reports
from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.errors import InvalidInput, LimitReached, WorkflowClosed
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.messages import service as messages
from hephaestus_core.results import service as results
from hephaestus_core.tasks.views import TaskView
from tests.engine import Engine


def limited(engine: Engine, **limits: int) -> None:
    """Start a workflow with these limits."""
    engine.start_workflow()
    lifecycle.change_limits(engine.db, engine.workflow_id, limits)


def working(engine: Engine) -> AgentView:
    engine.create("the work of an agent", phase_id=1)
    return engine.run(engine.claimed())


def create(engine: Engine, agent: AgentView, description: str) -> TaskView:
    order = TaskOrder(workflow_id=engine.workflow_id, description=description, phase_id=1)
    return reports.create_task(engine.db, agent.id, order)


def refused(call: Callable[[], Any]) -> LimitReached:
    with pytest.raises(LimitReached) as caught:
        call()
    assert caught.value.code == "limit_reached"
    return caught.value


def told(engine: Engine) -> list[tuple[str, int]]:
    found = engine.events("workflow.limit_reached")
    return [(event.data["limit"], event.data["most"]) for event in found]


def test_an_attempt_creates_so_many_tasks_until_a_person_allows_more(engine: Engine) -> None:
    limited(engine, tasks_per_attempt=2)
    agent = working(engine)
    first = create(engine, agent, "one")
    assert create(engine, agent, "one").id == first.id, "an order that is repeated does not count"
    create(engine, agent, "two")
    for _ in range(3):
        error = refused(lambda: create(engine, agent, "three"))
    assert "You have created 2 tasks" in error.message
    assert "your own task" in error.message
    assert (error.details["limit"], error.details["most"]) == ("tasks_per_attempt", 2)
    assert told(engine) == [("tasks_per_attempt", 2)], "told once"
    [event] = engine.events("workflow.limit_reached")
    assert event.agent_id == agent.id
    shown = lifecycle.get_workflow(engine.db, engine.workflow_id)
    assert shown.limits_reached == ["tasks_per_attempt"]

    raised = lifecycle.change_limits(engine.db, engine.workflow_id, {"tasks_per_attempt": 3})
    assert raised.limits["tasks_per_attempt"] == 3
    assert raised.limits["tasks_per_workflow"] == 2000, "the others stay"
    assert raised.limits_reached == []
    create(engine, agent, "three")
    refused(lambda: create(engine, agent, "four"))
    assert told(engine) == [("tasks_per_attempt", 2), ("tasks_per_attempt", 3)]


def test_the_limit_of_an_attempt_does_not_hold_for_people_nor_for_the_next_attempt(
    engine: Engine,
) -> None:
    limited(engine, tasks_per_attempt=1)
    for number in range(3):
        engine.create(f"of a person {number}")
    agent = engine.run(engine.claimed())
    create(engine, agent, "one")
    other = engine.run(engine.claimed())
    create(engine, other, "another one")


def test_a_workflow_has_so_many_tasks_whoever_creates_them(engine: Engine) -> None:
    limited(engine, tasks_per_workflow=3)
    agent = working(engine)
    create(engine, agent, "two")
    engine.create("three")
    assert "name the open work" in refused(lambda: create(engine, agent, "four")).message
    error = refused(lambda: engine.create("four"))
    assert "Raise its limit tasks_per_workflow" in error.message
    assert told(engine) == [("tasks_per_workflow", 3)]
    count = "SELECT count(*) FROM tasks"
    with engine.db.reading() as session:
        assert session.scalar(text(count)) == 3, "what was refused is not there"


def test_a_full_workflow_still_judges_its_result(engine: Engine) -> None:
    engine.start_workflow(has_result=True, result_criteria="it works", on_result_found="complete")
    lifecycle.change_limits(engine.db, engine.workflow_id, {"tasks_per_workflow": 1})
    author = working(engine)
    results.submit(engine.db, author.id, explanation="works")
    engine.report_done(author)
    engine.end(author)
    engine.merge_due()
    reviewer = engine.run(engine.claimed())
    assert results.judge(engine.db, reviewer.id, passed=True, feedback="checked").status == (
        "accepted"
    )


def test_limits_are_exact_however_many_create_at_once(engine: Engine) -> None:
    engine.with_host("a", slots=8)
    limited(engine, tasks_per_workflow=30, tasks_per_attempt=5)
    agents = [working(engine) for _ in range(4)]

    def attempt(number: int) -> bool:
        try:
            if number % 2:
                create(engine, agents[number % 4], f"of an agent {number}")
            else:
                engine.create(f"of a person {number}")
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(attempt, range(80)))
    counts = (
        "SELECT creator_agent_id, count(*) AS n FROM tasks GROUP BY creator_agent_id ORDER BY n"
    )
    with engine.db.reading() as session:
        by_creator = {row.creator_agent_id: row.n for row in session.execute(text(counts))}
        tally = session.scalar(text("SELECT created FROM task_tallies"))
    assert sum(by_creator.values()) == tally == 30
    assert sum(done) == 30 - len(agents)
    assert all(by_creator[agent] <= 5 for agent in by_creator if agent is not None)


def test_a_chain_of_tasks_is_so_long_at_most(engine: Engine) -> None:
    limited(engine, task_depth=2)
    agent = working(engine)
    for depth in (1, 2):
        create(engine, agent, f"depth {depth}")
        engine.finish(agent)
        agent = engine.run(engine.claimed())
    error = refused(lambda: create(engine, agent, "depth 3"))
    assert "within your own task" in error.message
    assert told(engine) == [("task_depth", 2)]
    engine.create("a person may go deeper", parent_task_id=agent.task_id)


def test_an_agent_sends_so_many_messages_a_minute(engine: Engine) -> None:
    limited(engine, messages_per_minute=2)
    agent, other = working(engine), working(engine)

    def send() -> None:
        messages.send(
            engine.db, other.id, "hello", sender=f"agent {agent.id}", sender_agent_id=agent.id
        )

    send()
    assert len(messages.broadcast(engine.db, agent.id, "hello, all")) == 1
    error = refused(send)
    assert 1 <= error.details["retry_after"] <= 60
    assert f"Wait {error.details['retry_after']} s" in error.message
    refused(lambda: messages.broadcast(engine.db, agent.id, "hello, all"))
    assert told(engine) == [("messages_per_minute", 2)]
    messages.send(engine.db, other.id, "a person may")
    messages.broadcast(engine.db, other.id, "so may another agent")

    earlier = "UPDATE agents SET messages_since = messages_since - interval '1 minute'"
    with engine.db.transaction() as session:
        session.execute(text(earlier))
    send()


def test_a_creation_counts_nothing_that_is_stored(engine: Engine) -> None:
    limited(engine, tasks_per_workflow=100)
    agent = working(engine)
    said: list[str] = []
    event.listen(
        engine.db.engine, "before_cursor_execute", lambda *call: said.append(call[2].lower())
    )
    create(engine, agent, "one")
    engine.create("two")
    assert any("task_tallies" in statement for statement in said)
    assert not [statement for statement in said if "count(" in statement]


@pytest.mark.parametrize("limits", [{}, {"tasks": 5}, {"task_depth": 0}])
def test_limits_that_cannot_be_set(engine: Engine, limits: dict[str, int]) -> None:
    engine.start_workflow()
    with pytest.raises(InvalidInput):
        lifecycle.change_limits(engine.db, engine.workflow_id, limits)


def test_a_closed_workflow_has_no_limits_to_change(engine: Engine) -> None:
    engine.start_workflow()
    lifecycle.stop_workflow(engine.db, engine.workflow_id)
    with pytest.raises(WorkflowClosed):
        lifecycle.change_limits(engine.db, engine.workflow_id, {"task_depth": 5})


def test_a_change_of_limits_is_an_event(engine: Engine) -> None:
    limited(engine, task_depth=5, tasks_per_attempt=7)
    [changed] = engine.events("workflow.limits_changed")
    assert changed.data == {"task_depth": 5, "tasks_per_attempt": 7}
