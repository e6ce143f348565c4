"""Reports that arrive twice, late or out of order are refused, logged and harmless."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import Ending
from hephaestus_core.bells import CeleryTaskName, host_queue
from hephaestus_core.changes.endings import record_ended
from hephaestus_core.contract.errors import StaleAttempt
from hephaestus_core.settings.config import Settings
from hephaestus_worker.celery import create_app
from tests.agent_processes import kill, programs
from tests.e2e.scripts import create, task, wait_at, write
from tests.e2e.stack import DEFINITION, HOST, Stack, assert_settled, git, running_stack
from tests.integration.mcp.callers import refusal_in
from tests.mcp_client import call
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stale")) as running:
        yield running


def report(stack: Stack, token: str, tool: str, **arguments: Any) -> str:
    """Call a tool as an agent would; return the error's code, "" if the call was accepted."""
    answer = asyncio.run(call(stack.sdk.url, token, tool, **arguments))
    return str(refusal_in(answer)["code"]) if answer.is_error else ""


def token_of(stack: Stack, agent_id: str) -> str:
    return (stack.home / "host" / "agents" / agent_id / "token").read_text()


def agent_at_work(stack: Stack, task_id: str, attempt: int) -> str:
    """Wait until the agent of this attempt works, and return it."""
    query = (
        "SELECT id::text FROM agents WHERE task_id = CAST(:task AS uuid) "
        "AND attempt = :attempt AND status = 'working'"
    )
    rows = wait_until(
        lambda: stack.rows(query, task=task_id, attempt=attempt),
        timeout=30,
        what=f"attempt {attempt} works",
    )
    return str(rows[0]["id"])


def refusals(stack: Stack, agent_id: str) -> list[str]:
    query = (
        "SELECT data->>'report' AS report FROM events WHERE type = 'agent.report_refused' "
        "AND agent_id = CAST(:agent AS uuid) ORDER BY seq"
    )
    return [row["report"] for row in stack.rows(query, agent=agent_id)]


def rows_of(stack: Stack, task_id: str) -> list[dict[str, Any]]:
    """Return everything that a report could change: the task, its attempts and its merges."""
    return [
        row
        for table, key in (("tasks", "id"), ("agents", "task_id"), ("merges", "task_id"))
        for row in stack.rows(
            f"SELECT to_jsonb(t) - 'lease_expires_at' AS row FROM {table} t "
            f"WHERE t.{key} = CAST(:task AS uuid) ORDER BY t.id",
            task=task_id,
        )
    ]


def test_reports_of_an_older_attempt_change_nothing(stack: Stack, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    task_id = stack.sdk.create_task_in_workflow(
        workflow, task("A task", write("a", "a"), wait_at(gate), "done: wrote a")
    )
    old = agent_at_work(stack, task_id, 1)
    token = token_of(stack, old)
    fence = stack.one("SELECT fence FROM agents WHERE id = CAST(:id AS uuid)", id=old)
    kill(stack.live_marks()[old])
    agent_at_work(stack, task_id, 2)
    before = rows_of(stack, task_id)

    assert report(stack, token, "update_task_status", status="in_progress") == "stale_attempt"
    assert report(stack, token, "update_task_status", status="done", summary="I did") == (
        "stale_attempt"
    )
    assert report(
        stack, token, "update_task_status", status="failed", failure_reason="I could not"
    ) == ("stale_attempt")
    assert report(stack, token, "create_task", description="More", phase_id=2) == "stale_attempt"
    assert report(stack, token, "get_my_task") == "stale_attempt"
    host_reports(stack, UUID(old), fence)

    assert rows_of(stack, task_id) == before
    assert refusals(stack, old) == [
        "update_task_status in_progress",
        "update_task_status done",
        "update_task_status failed",
        "create_task",
        "prepared",
        "running",
        "checkpoint",
        "ended",
    ]
    gate.touch()
    assert stack.sdk.wait_for_task(task_id, timeout=30).status == "done"
    stack.sdk.wait_for_completion(workflow, timeout=30)
    assert len(stack.sdk.client.merges(workflow)) == 1
    assert git(stack.repository, "show", "main:a") == "a"
    assert_settled(stack)


def host_reports(stack: Stack, agent_id: UUID, fence: int) -> None:
    """Send a host's reports about an attempt, with its fence, like a host that was cut off."""
    db = stack.database
    with pytest.raises(StaleAttempt):
        hosting.record_prepared(
            db, agent_id, fence=fence, base_commit="0" * 40, token_hash="not its own"
        )
    with pytest.raises(StaleAttempt):
        hosting.record_running(db, agent_id, fence=fence)
    with pytest.raises(StaleAttempt):
        hosting.record_checkpoint(db, agent_id, fence=fence, commit="0" * 40, waiting=[])
    assert not record_ended(db, agent_id, fence=fence, ending=Ending(commit="0" * 40))


def ring(stack: Stack, name: str, agent_id: str) -> None:
    """Ring a bell about an agent; any process may do so at any time."""
    settings = Settings(home=stack.home, redis_url=stack.recorded["redis_url"])
    create_app(settings).send_task(name, args=[agent_id], queue=host_queue(HOST))


def test_bells_that_ring_too_often_too_late_or_for_nobody_change_nothing(
    stack: Stack, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    ended, live = (
        stack.sdk.create_task_in_workflow(workflow, task(title, wait_at(opened), "done: waited"))
        for title, opened in (("Ends", tmp_path), ("Lives", gate))
    )
    assert stack.sdk.wait_for_task(ended, timeout=30).status == "done"
    agent = agent_at_work(stack, live, 1)
    over = stack.one("SELECT id::text FROM agents WHERE task_id = CAST(:id AS uuid)", id=ended)
    wait_until(lambda: set(stack.live_marks()) == {agent}, timeout=20, what="the first has ended")
    released = "SELECT released_at FROM agents WHERE id = CAST(:id AS uuid)"
    wait_until(lambda: stack.one(released, id=over), timeout=20, what="the first is released")
    [player] = programs(stack.live_marks()[agent])
    before = rows_of(stack, ended)

    names = [CeleryTaskName.START_AGENT, CeleryTaskName.FINISH_AGENT]
    for name in names * 5:
        for about in (agent, over, str(uuid4())):
            ring(stack, name, about)
    ring(stack, CeleryTaskName.CHECKPOINT_AGENT, over)
    saved = "SELECT checkpoint_commit FROM agents WHERE id = CAST(:id AS uuid)"

    def heard() -> bool:
        # The queue is first in, first out: once this bell has arrived, all others have. One that
        # comes while another is answered for the agent is dropped.
        ring(stack, CeleryTaskName.CHECKPOINT_AGENT, agent)
        return bool(stack.one(saved, id=agent))

    wait_until(heard, timeout=20, what="the last bell is heard")

    assert [p.pid for p in programs(stack.live_marks()[agent])] == [player.pid]
    assert set(stack.live_marks()) == {agent}
    assert rows_of(stack, ended) == before
    gate.touch()
    assert stack.sdk.wait_for_task(live, timeout=30).attempt == 1
    stack.sdk.wait_for_completion(workflow, timeout=30)
    assert_settled(stack)


def test_reports_said_twice_and_out_of_order_count_once(stack: Stack, tmp_path: Path) -> None:
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    task_id = stack.sdk.create_task_in_workflow(
        workflow,
        task(
            "A task",
            write("b", "b"),
            create("A child", "run: test -e b", "done: seen"),
            wait_at(tmp_path / "never"),
        ),
    )
    agent = agent_at_work(stack, task_id, 1)
    token = token_of(stack, agent)
    child = {"description": "Another child", "phase_id": 2}
    assert report(stack, token, "create_task", **child) == ""
    assert report(stack, token, "create_task", **child) == ""

    worker = stack.pid("worker")
    os.kill(worker, signal.SIGSTOP)  # The reports must arrive before the worker acts on any.
    said = [
        report(stack, token, "update_task_status", **words)
        for words in (
            {"status": "done", "summary": "the first word"},
            {"status": "done", "summary": "the second word"},
            {"status": "in_progress"},
            {"status": "failed", "failure_reason": "the last word"},
        )
    ]
    os.kill(worker, signal.SIGCONT)

    assert said == ["", "", "", "transition_refused"]
    assert stack.sdk.wait_for_task(task_id, timeout=30).summary == "the first word"
    stack.sdk.wait_for_completion(workflow, timeout=30)
    tasks = stack.sdk.get_tasks(workflow_id=workflow)
    assert sorted((t.status, t.attempt) for t in tasks) == [("done", 1)] * 3
    assert len(stack.sdk.client.merges(workflow)) == 3
    assert git(stack.repository, "show", "main:b") == "b"
    assert report(stack, token, "update_task_status", status="done", summary="late") == (
        "stale_attempt"
    )
    assert refusals(stack, agent)[-1:] == ["update_task_status done"]
    assert_settled(stack)
