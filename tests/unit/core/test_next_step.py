from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.agents.rules import Session, next_step
from hephaestus_core.agents.views import HostAgent
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus

WORKING = HostAgent(
    id=UUID(int=1),
    task_id=UUID(int=2),
    worktree_id=UUID(int=1),
    fence=1,
    program="scripted",
    status=AgentStatus.WORKING,
    ended=False,
    current=True,
    task_status=TaskStatus.IN_PROGRESS,
    stop_requested=False,
    saved_commit=None,
    awaited=False,
)


@pytest.mark.parametrize(
    ("changes", "session", "step"),
    [
        ({}, "present", "leave"),
        ({}, "gone", "finish"),
        ({"awaited": True}, "present", "checkpoint"),
        ({"status": "starting", "task_status": "assigned"}, "gone", "start"),
        ({"status": "starting", "task_status": "assigned"}, "present", "start"),
        ({"task_status": "under_review"}, "present", "finish"),
        ({"task_status": "cancelled"}, "present", "finish"),
        ({"current": False}, "present", "finish"),
        ({"stop_requested": True}, "present", "finish"),
        ({"ended": True}, "gone", "abandon"),
        ({"ended": True}, "unknown", "abandon"),
    ],
)
def test_each_case_has_its_step(changes: dict[str, Any], session: Session, step: str) -> None:
    assert next_step(replace(WORKING, **changes), session) == step


@given(
    status=st.sampled_from(["starting", "working", "idle"]),
    task_status=st.sampled_from(["assigned", "in_progress", "needs_work"]),
    awaited=st.booleans(),
)
def test_unknown_never_ends_an_agent(status: str, task_status: str, *, awaited: bool) -> None:
    agent = replace(WORKING, status=status, task_status=task_status, awaited=awaited)
    assert next_step(agent, "unknown") == "leave"


@given(
    status=st.sampled_from(list(AgentStatus)),
    task_status=st.sampled_from(list(TaskStatus)),
    session=st.sampled_from(["present", "gone", "unknown"]),
)
def test_a_task_that_ended_never_keeps_its_agent(
    status: str, task_status: str, session: Session
) -> None:
    agent = replace(WORKING, status=status, task_status=task_status)
    if task_status in {"done", "failed", "cancelled", "queued"}:
        assert next_step(agent, session) in {"finish", "abandon"}
