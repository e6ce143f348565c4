"""A worker restarts while agents run: the agents go on, and the new worker adopts them."""

import os
import signal
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hephaestus_sdk.runtime import stack as runtime
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


def all_players(stack: Stack, number: int) -> dict[str, list[int]]:
    """Return the processes of so many agents, once all play: a session is there before that."""

    def playing() -> dict[str, list[int]]:
        found = players(stack)
        return found if len(found) == number and all(found.values()) else {}

    return wait_until(playing, timeout=30, what=f"{number} agents play")


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
    working = "SELECT id::text FROM agents WHERE status = 'working'"
    wait_until(lambda: len(stack.rows(working)) == 3, timeout=30, what="three agents work")
    before = all_players(stack, 3)

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


def test_agents_that_were_kept_are_found_again_though_the_machine_has_another_name(
    tmp_path: Path,
) -> None:
    """The first start names the host; the second finds only the name that the first stored."""
    gate = tmp_path / "gate"
    with running_stack(tmp_path, host="of-yesterday") as stack:
        name = stack.home / "host" / "name"
        assert (name.read_text(), stat.S_IMODE(name.stat().st_mode)) == ("of-yesterday\n", 0o600)
        workflow = stack.sdk.start_workflow(DEFINITION.id)
        steps = (write("kept", "kept"), wait_at(gate), "done: kept")
        stack.sdk.create_task_in_workflow(workflow, task("Go on.", *steps))
        working = "SELECT id::text FROM agents WHERE status = 'working'"
        wait_until(lambda: stack.rows(working), timeout=30, what="the agent works")
        before = all_players(stack, 1)
        assert runtime.stop(stack.home, keep_agents=True)
        assert players(stack) == before

        renamed = replace(stack.sdk.settings, host_name=None)
        runtime.start(renamed, timeout=60, stays=False)
        assert [row["name"] for row in stack.rows("SELECT name FROM hosts")] == ["of-yesterday"]
        gate.touch()
        summary = stack.sdk.wait_for_completion(workflow, timeout=60)
        assert summary.workflows[0].tasks["done"] == 1
        assert [row["attempt"] for row in stack.rows("SELECT attempt FROM agents")] == [1]
