"""The stack stops while agents work: the agents end, and no work is lost."""

import zlib
from pathlib import Path

import psutil
import pytest

from tests.e2e.scripts import task, write
from tests.e2e.stack import (
    DEFINITION,
    Stack,
    agents_in,
    git,
    processes_of,
    running_stack,
    worktrees_in,
)
from tests.waiting import wait_until

AGENTS = 10


def start_stubborn_agents(stack: Stack, gate: Path) -> str:
    """Start agents that have written a file and ignore signals; return their workflow.

    Once the gate is open, they finish.
    """
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    stray = f"env -i setsid sleep {_stray_seconds(gate)} > strays 2>&1 & "
    wait = f'{stray}trap "" TERM; touch half-done; until [ -e {gate} ]; do sleep 0.1; done'
    wait += "; rm half-done strays"
    for number in range(AGENTS):
        steps = (write(f"made/{number}", str(number)), f"run: '{wait}'", "done: made it")
        stack.sdk.create_task_in_workflow(workflow, task(f"Task {number}", *steps))
    wait_until(
        lambda: len(list(stack.home.glob("host/worktrees/*/half-done"))) == AGENTS,
        timeout=90,
        what="all agents are at work",
    )
    return workflow


def strays(gate: Path) -> list[int]:
    """Return the processes that the agents have started with an emptied environment."""
    line = ["sleep", _stray_seconds(gate)]
    return [p.pid for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == line]


def _stray_seconds(gate: Path) -> str:
    return f"1000.{zlib.crc32(bytes(gate))}"


@pytest.mark.parametrize("graceful", [True, False])
def test_all_agents_end_with_the_stack_and_go_on_at_its_next_start(
    tmp_path: Path, *, graceful: bool
) -> None:
    gate = tmp_path / "gate"
    with running_stack(tmp_path, max_concurrent_agents=AGENTS) as stack:
        workflow = start_stubborn_agents(stack, gate)
        wait_until(lambda: len(strays(gate)) == AGENTS, what="all strays run")
        assert len(stack.rows("SELECT id FROM agents WHERE status = 'working'")) == AGENTS
        stack.sdk.shutdown(graceful=graceful)

        assert agents_in(stack.home) == {}
        assert strays(gate) == []
        assert processes_of(stack.home) == []
        assert (worktrees_in(stack.home) == []) == graceful

        gate.touch()
        stack.sdk.start()
        assert stack.sdk.wait_for_completion(workflow, timeout=120).succeeded
        names = git(stack.repository, "ls-tree", "--name-only", "main", "made/")
        assert names.split() == [f"made/{number}" for number in range(AGENTS)]
        reasons = stack.rows("SELECT DISTINCT failure_reason FROM agents WHERE attempt = 1")
        assert [row["failure_reason"] for row in reasons] == ["host one was shut down"]
        # Work that was uncommitted at the stop has been saved.
        saved = stack.rows("SELECT checkpoint_commit AS commit FROM agents WHERE attempt = 1")
        for row in saved:
            assert "half-done" in git(stack.repository, "ls-tree", "--name-only", row["commit"])
