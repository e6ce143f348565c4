"""Attempts whose session died: the next goes on with the conversation, where it may."""

from typing import Any

import pytest
from sqlalchemy import text

from hephaestus_core.agents import conversations, hosting
from hephaestus_core.agents.rules import MOST_RESUMES
from hephaestus_core.agents.views import AgentView, Trouble
from tests.engine import Engine

KILLED = Trouble("transient", "it was ended by signal 9")
GAVE_UP = Trouble("agent_fault", "it gave up")


@pytest.fixture
def started(engine: Engine) -> Engine:
    engine.start_workflow()
    engine.create()
    return engine


def broken_off(engine: Engine, host: str = "a", **ending: Any) -> AgentView:
    """Run an attempt whose program is killed; its conversation is on the host."""
    agent = engine.run(engine.claimed(host))
    ending.setdefault("conversation", f"conversation-{agent.attempt}")
    engine.end(agent, failure=ending.pop("failure", KILLED), **ending)
    return agent


def now_due(engine: Engine, *, ended_seconds_ago: int = 0) -> None:
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))
        session.execute(
            text("UPDATE agents SET ended_at = ended_at - make_interval(secs => :ago)"),
            {"ago": ended_seconds_ago},
        )


def test_the_next_attempt_goes_on_at_the_same_place_with_a_fence_of_its_own(
    started: Engine,
) -> None:
    first = broken_off(started)
    now_due(started)
    second = started.claimed()

    assert (second.attempt, second.resumes_id, second.worktree_id) == (2, first.id, first.id)
    assert second.fence > first.fence
    assert second.branch != first.branch
    plan = hosting.launch_plan(started.db, second.id)
    assert plan.resume is not None
    assert (plan.resume.agent_id, plan.resume.conversation) == (first.id, "conversation-1")
    assert "ended by signal 9" in plan.prompt
    assert second.branch in plan.prompt
    assert "# Your task" not in plan.prompt


def test_after_three_in_a_row_it_begins_anew_and_may_then_go_on_again(started: Engine) -> None:
    resumed = []
    for _ in range(MOST_RESUMES + 3):
        agent = broken_off(started)
        now_due(started)
        resumed.append((agent.resumes_id is not None, agent.worktree_id == agent.id))
    anew, on = (False, True), (True, False)
    assert resumed == [anew, on, on, on, anew, on]


def test_a_limit_of_the_provider_ends_no_conversation_however_often_it_is_reached(
    started: Engine,
) -> None:
    resumed = []
    for _ in range(MOST_RESUMES + 3):
        agent = broken_off(started, failure=Trouble("quota", "used up"))
        now_due(started)
        resumed.append(agent.resumes_id is not None)
    assert resumed == [False, *[True] * (MOST_RESUMES + 2)]


def test_another_host_begins_at_once_where_another_program_is_next(started: Engine) -> None:
    started.with_host("a").with_host("b")
    broken_off(started, "a")
    now_due(started)
    with started.db.transaction() as session:
        session.execute(text("UPDATE tasks SET cli_tool = 'codex'"))
        session.execute(text("UPDATE hosts SET programs = programs || '{codex}'"))
    assert started.claimed("b").resumes_id is None


@pytest.mark.parametrize(
    "ending",
    [
        {"failure": GAVE_UP},
        {"failure": None},
        {"conversation": None},
        {"failure": KILLED, "kept_at": "/its/worktree", "conversation": None},
    ],
    ids=["gave up", "ended without a report", "no conversation", "work not saved"],
)
def test_one_that_ended_otherwise_is_followed_by_a_fresh_one(
    started: Engine, ending: dict[str, Any]
) -> None:
    broken_off(started, **ending)
    now_due(started)
    again = started.claimed()
    assert (again.attempt, again.resumes_id) == (2, None)
    assert "# Your task" in hosting.launch_plan(started.db, again.id).prompt


def test_another_host_leaves_it_to_the_one_that_has_the_conversation_while_that_is_alive(
    started: Engine,
) -> None:
    started.with_host("a").with_host("b")
    first = broken_off(started, "a")
    now_due(started)
    assert started.claim("b") is None
    assert started.claimed("a").resumes_id == first.id


@pytest.mark.parametrize("gone", ["silent", "draining", "busy for long"])
def test_another_host_begins_anew_where_that_one_cannot(started: Engine, gone: str) -> None:
    started.with_host("a").with_host("b")
    broken_off(started, "a")
    now_due(started, ended_seconds_ago=31 if gone == "busy for long" else 0)
    values = {"silent": "lease_expires_at = now()", "draining": "draining = true"}
    if gone in values:
        with started.db.transaction() as session:
            session.execute(text(f"UPDATE hosts SET {values[gone]} WHERE name = 'a'"))
    other = started.claimed("b")
    assert (other.attempt, other.resumes_id, other.worktree_id) == (2, None, other.id)


def test_another_model_begins_anew(started: Engine) -> None:
    broken_off(started)
    now_due(started)
    with started.db.transaction() as session:
        session.execute(text("UPDATE tasks SET cli_model = 'another'"))
    assert started.claimed().resumes_id is None


def test_a_host_that_lacks_the_conversation_begins_anew_at_a_place_of_its_own(
    started: Engine,
) -> None:
    broken_off(started)
    now_due(started)
    second = started.claimed()
    conversations.begin_from_zero(started.db, second.id, reason="it is gone")
    plan = hosting.launch_plan(started.db, second.id)
    assert (plan.resume, plan.worktree_id) == (None, second.id)
    assert "# Your task" in plan.prompt
    assert [e.data["reason"] for e in started.events("agent.began_anew")] == ["it is gone"]
