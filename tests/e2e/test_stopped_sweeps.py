"""A worker that is stopped in the middle of a sweep acts once, whether it goes on or is killed."""

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.e2e.scripts import task
from tests.e2e.stack import DEFINITION, Stack, assert_settled, running_stack
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)

#: Of a long statement the view shows the beginning.
WAITS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE 'SELECT tasks.%'
"""


def stop_in_mid_sweep(stack: Stack, task_id: str) -> int:
    """Stop the worker while its sweep waits for a task's row; return its process."""
    worker = stack.pid("worker")
    with stack.database.transaction() as session:
        row = text("SELECT FROM tasks WHERE id = CAST(:id AS uuid) FOR UPDATE")
        session.execute(row, {"id": task_id})
        wait_until(lambda: stack.one(WAITS), timeout=60, what="the sweep waits for the task")
        os.kill(worker, signal.SIGSTOP)
    return worker


@pytest.mark.parametrize("after", [signal.SIGCONT, signal.SIGKILL], ids=["continued", "killed"])
def test_an_agent_is_steered_once_and_set_right(tmp_path: Path, after: signal.Signals) -> None:
    # Its patience is far longer than the stop: nobody else starts the worker again.
    with running_stack(tmp_path, monitoring_interval=1, stuck_minutes=0.05) as stack:
        workflow = stack.sdk.start_workflow(DEFINITION.id)
        steps = ("stall:", "done: I was told to go on")
        task_id = stack.sdk.create_task_in_workflow(workflow, task("Stall.", *steps), phase_id=1)
        works = lambda: stack.sdk.get_task(task_id).status == "in_progress"  # noqa: E731
        wait_until(works, timeout=60, what="the agent works")

        worker = stop_in_mid_sweep(stack, task_id)
        assert stack.sdk.interventions() == []
        os.kill(worker, after)
        if after == signal.SIGKILL:
            wait_until(lambda: stack.is_back("worker", worker), timeout=60, what="a new worker")

        ended = stack.sdk.wait_for_task(task_id, timeout=120)
        assert (ended.status, ended.attempt) == ("done", 1)
        [act] = stack.sdk.interventions()
        assert (act.key, act.action) == ("hung", "steer")
        assert "nothing has moved" in act.evidence[0]
        followed = lambda: stack.sdk.interventions()[0].effect == "headway"  # noqa: E731
        wait_until(followed, timeout=60, what="the effect is known")
        [host] = stack.sdk.client.hosts()
        assert host.sweep_alarm is None
        assert_settled(stack)
