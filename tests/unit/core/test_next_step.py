from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.agents.rules import Session, next_step
from hephaestus_core.agents.states import TRANSITIONS as AGENT_STATES
from hephaestus_core.agents.views import HostAgent
from hephaestus_core.tasks.states import TRANSITIONS as TASK_STATES

WORKING = HostAgent(
    id=UUID(int=1),
    task_id=UUID(int=2),
    fence=1,
    program="scripted",
    state="working",
    ended=False,
    current=True,
    task_state="in_progress",
    stop_requested=False,
    awaited=False,
)


@pytest.mark.parametrize(
    ("changes", "session", "step"),
    [
        ({}, "present", "leave"),
        ({}, "gone", "finish"),
        ({"awaited": True}, "present", "checkpoint"),
        ({"state": "starting", "task_state": "assigned"}, "gone", "start"),
        ({"state": "starting", "task_state": "assigned"}, "present", "start"),
        ({"task_state": "under_review"}, "present", "finish"),
        ({"task_state": "cancelled"}, "present", "finish"),
        ({"current": False}, "present", "finish"),
        ({"stop_requested": True}, "present", "finish"),
        ({"ended": True}, "gone", "abandon"),
        ({"ended": True}, "unknown", "abandon"),
    ],
)
def test_each_case_has_its_step(changes: dict[str, Any], session: Session, step: str) -> None:
    assert next_step(replace(WORKING, **changes), session) == step


@given(
    state=st.sampled_from(["starting", "working", "idle", "stuck"]),
    task_state=st.sampled_from(["assigned", "in_progress", "needs_work"]),
    awaited=st.booleans(),
)
def test_unknown_never_ends_an_agent(state: str, task_state: str, *, awaited: bool) -> None:
    agent = replace(WORKING, state=state, task_state=task_state, awaited=awaited)
    assert next_step(agent, "unknown") == "leave"


@given(
    state=st.sampled_from(sorted(AGENT_STATES)),
    task_state=st.sampled_from(sorted(TASK_STATES)),
    session=st.sampled_from(["present", "gone", "unknown"]),
)
def test_a_task_that_ended_never_keeps_its_agent(
    state: str, task_state: str, session: Session
) -> None:
    agent = replace(WORKING, state=state, task_state=task_state)
    if task_state in {"done", "failed", "cancelled", "queued"}:
        assert next_step(agent, session) in {"finish", "abandon"}
