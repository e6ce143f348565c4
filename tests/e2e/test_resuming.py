"""Agents whose session dies, however it dies, go on with their conversation."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from hephaestus_sdk.runtime import stack as runtime
from tests.agent_processes import kill
from tests.e2e.scripts import task, write
from tests.e2e.stack import DEFINITION, Stack, assert_settled, git, running_stack, tmux_server
from tests.waiting import wait_until


def kill_agent(stack: Stack) -> None:
    """End all of its processes at once, so that nobody is left to note how it ended."""
    for processes in stack.live_marks().values():
        kill(processes)


def kill_tmux(stack: Stack) -> None:
    server = tmux_server(stack.home)
    assert server is not None
    os.kill(server, signal.SIGKILL)


def down_and_up(stack: Stack) -> None:
    assert runtime.stop(stack.home)
    runtime.start(stack.sdk.settings, timeout=60, stays=False)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("strike", [kill_agent, kill_tmux, down_and_up])
def test_the_next_attempt_goes_on_where_the_last_one_was(
    tmp_path: Path, strike: Callable[[Stack], None]
) -> None:
    gate = tmp_path / "gate"
    with running_stack(tmp_path / "stack") as stack:
        workflow = stack.sdk.start_workflow(DEFINITION.id)
        steps = (
            "run: echo once >> lines",
            f"run: 'touch begun; until [ -e {gate} ]; do sleep 0.05; done'",
            write("rest", "rest"),
            "done: went on",
        )
        task_id = stack.sdk.create_task_in_workflow(workflow, task("Go on.", *steps))
        worktrees = stack.home / "host" / "worktrees"
        wait_until(lambda: [*worktrees.glob("*/begun")], timeout=60, what="the agent waits")

        strike(stack)
        gate.touch()

        stack.sdk.wait_for_completion(workflow, timeout=120)
        first, second = stack.sdk.get_task(task_id).attempts
        assert second.resumes_id == first.id
        assert git(stack.repository, "show", "main:lines") == "once"
        assert git(stack.repository, "show", "main:rest") == "rest"
        assert_settled(stack)
