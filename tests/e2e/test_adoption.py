"""A worker is restarted while agents run: they go on, and the new worker takes them over."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent_processes import programs
from tests.e2e.scripts import create, task, wait_at, write
from tests.e2e.stack import DEFINITION, Stack, assert_settled, git, running_stack
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("adoption")) as running:
        yield running


def players(stack: Stack) -> dict[str, list[int]]:
    """Return the process of each agent that plays its script."""
    marks = stack.live_marks()
    return {agent: [p.pid for p in programs(processes)] for agent, processes in marks.items()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_agents_outlive_their_worker_and_are_taken_over(
    stack: Stack, tmp_path: Path, number: signal.Signals
) -> None:
    gate = tmp_path / "gate"
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    name = number.name
    tasks = [
        stack.sdk.create_task_in_workflow(
            workflow,
            task(
                f"Task {each}",
                write(f"{name}/{each}", str(each)),
                wait_at(gate),
                create(f"Child of {each}", f"run: test -e {name}/{each}", "done: seen"),
                f"done: task {each}",
            ),
        )
        for each in range(3)
    ]
    working = "SELECT id::text FROM agents WHERE state = 'working'"
    wait_until(lambda: len(stack.rows(working)) == 3, timeout=30, what="three agents work")
    before = players(stack)

    worker = stack.pid("worker")
    os.kill(worker, number)
    wait_until(lambda: stack.is_back("worker", worker), timeout=20, what="a new worker")
    assert players(stack) == before
    gate.touch()

    summary = stack.sdk.wait_for_completion(workflow, timeout=40)
    assert summary.workflows[0].tasks["done"] == 6
    rows = stack.rows(
        "SELECT agents.id::text, attempt FROM agents WHERE workflow_id = CAST(:id AS uuid)",
        id=workflow,
    )
    assert {row["attempt"] for row in rows} == {1}
    assert set(before) <= {row["id"] for row in rows}
    for task_id, each in zip(tasks, range(3), strict=True):
        assert stack.sdk.get_task(task_id).status == "done"
        assert git(stack.repository, "show", f"main:{name}/{each}") == str(each)
    assert_settled(stack)
