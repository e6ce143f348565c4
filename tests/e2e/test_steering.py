"""People cancel, restart, bump and stop tasks and workflows while agents work on them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hephaestus_sdk import Phase, WorkflowConfig, WorkflowDefinition
from tests.e2e.scripts import create, task, wait_at, write
from tests.e2e.stack import DEFINITION, HOST, Stack, assert_settled, git, running_stack
from tests.waiting import wait_until

STOP_ALL = WorkflowDefinition(
    id="stop-all",
    name="Stop all",
    phases=[Phase(id=1, name="only", description="Find the result.")],
    config=WorkflowConfig(
        has_result=True, result_criteria="It is found.", on_result_found="stop_all"
    ),
)

ON_GPU = WorkflowDefinition(
    id="on-gpu",
    name="On a GPU",
    phases=[Phase(id=1, name="only", description="Work there.", host_labels=["gpu"])],
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("steering")
    with running_stack(folder, max_concurrent_agents=2, host_labels=("gpu",)) as running:
        running.sdk.client.register(STOP_ALL)
        running.sdk.client.register(ON_GPU)
        yield running


def create_task(stack: Stack, workflow: str, *steps: str, title: str = "A task") -> str:
    return stack.sdk.create_task_in_workflow(workflow, task(title, *steps), phase_id=1)


def agents_of(stack: Stack, task_id: str) -> list[dict[str, Any]]:
    return stack.rows(
        "SELECT id::text, status, branch FROM agents WHERE task_id = CAST(:task AS uuid) "
        "ORDER BY attempt",
        task=task_id,
    )


def is_at_work(stack: Stack, task_id: str) -> bool:
    return any(agent["status"] == "working" for agent in agents_of(stack, task_id))


def wait_for_file(stack: Stack, task_id: str, name: str) -> None:
    """Wait until the task's agent has written a file to its worktree."""

    def written() -> bool:
        agents = agents_of(stack, task_id)
        worktrees = stack.home / "host" / "worktrees"
        return any((worktrees / agent["id"] / name).exists() for agent in agents)

    wait_until(written, timeout=30, what=f"{name} is written")


def test_a_cancelled_task_ends_its_agent_and_a_restart_goes_on_from_its_work(
    stack: Stack, tmp_path: Path
) -> None:
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    task_id = create_task(
        stack,
        workflow,
        "run: 'if [ -e half ]; then echo whole > whole; else sleep 0; fi'",
        write("half", "half"),
        f"run: 'until [ -e whole -o -e {tmp_path}/never ]; do sleep 0.05; done'",
        "done: both halves",
    )
    wait_for_file(stack, task_id, "half")

    assert stack.sdk.cancel_task(task_id, reason="not now").status == "cancelled"
    assert_settled(stack)
    [agent] = agents_of(stack, task_id)
    assert git(stack.repository, "show", f"{agent['branch']}:half") == "half"
    assert stack.sdk.client.merges(workflow) == []

    assert stack.sdk.restart_task(task_id).status == "queued"
    assert stack.sdk.wait_for_task(task_id, timeout=30).attempt == 2
    stack.sdk.wait_for_completion(workflow, timeout=30)
    assert git(stack.repository, "show", "main:half") == "half"
    assert git(stack.repository, "show", "main:whole") == "whole"
    assert_settled(stack)


def test_a_task_that_is_restarted_at_once_begins_when_the_cancelled_attempt_is_saved(
    stack: Stack, tmp_path: Path
) -> None:
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    task_id = create_task(
        stack,
        workflow,
        "run: 'if [ -e part ]; then echo rest > rest; fi'",
        write("part", "part"),
        f"run: 'until [ -e rest -o -e {tmp_path}/never ]; do sleep 0.05; done'",
        "done: all of it",
    )
    wait_for_file(stack, task_id, "part")

    stack.sdk.cancel_task(task_id)
    stack.sdk.restart_task(task_id)

    assert stack.sdk.wait_for_task(task_id, timeout=30).status == "done"
    stack.sdk.wait_for_completion(workflow, timeout=30)
    assert git(stack.repository, "show", "main:rest") == "rest"
    assert [agent["status"] for agent in agents_of(stack, task_id)] == ["finished"] * 2
    assert_settled(stack)


def test_a_bumped_task_passes_every_limit(stack: Stack, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    held = [
        create_task(stack, workflow, wait_at(gate), "done: held", title=f"Held {number}")
        for number in range(2)
    ]
    wait_until(
        lambda: all(is_at_work(stack, task_id) for task_id in held),
        timeout=30,
        what="all slots are taken",
    )
    waiting = create_task(stack, workflow, wait_at(gate), "done: waited")
    urgent = create_task(stack, workflow, "done: at once")

    stack.sdk.bump_task(urgent)

    assert stack.sdk.wait_for_task(urgent, timeout=30).status == "done"
    assert stack.sdk.get_task(waiting).status == "queued"
    assert agents_of(stack, waiting) == []
    gate.touch()
    stack.sdk.wait_for_completion(workflow, timeout=30)
    assert_settled(stack)


def test_a_stopped_workflow_ends_at_once_with_what_was_done_in_branches(
    stack: Stack, tmp_path: Path
) -> None:
    workflow = stack.sdk.start_workflow(DEFINITION.id)
    tasks = [
        create_task(
            stack,
            workflow,
            write(f"stopped-{number}", "kept"),
            create(f"A child of {number}", "done: never"),
            wait_at(tmp_path / "never"),
        )
        for number in range(4)
    ]
    for number, task_id in enumerate(tasks[:2]):
        wait_for_file(stack, task_id, f"stopped-{number}")

    stack.sdk.stop_workflow(workflow, "enough")

    assert_settled(stack)
    found = stack.sdk.get_tasks(workflow_id=workflow)
    assert {t.status for t in found} == {"cancelled"}
    assert stack.sdk.get_workflow(workflow).status == "stopped"
    for number, task_id in enumerate(tasks[:2]):
        [agent] = agents_of(stack, task_id)
        assert git(stack.repository, "show", f"{agent['branch']}:stopped-{number}") == "kept"
    assert [agents_of(stack, task_id) for task_id in tasks[2:]] == [[], []]


def test_tasks_that_are_just_being_started_are_stopped_too(stack: Stack, tmp_path: Path) -> None:
    starting = "SELECT id FROM agents WHERE status = 'starting' AND ended_at IS NULL"
    for _ in range(3):
        workflow = stack.sdk.start_workflow(DEFINITION.id)
        for number in range(2):
            create_task(stack, workflow, wait_at(tmp_path / "never"), title=f"Task {number}")
        wait_until(lambda: stack.rows(starting), timeout=20, what="an agent is being started")

        stack.sdk.stop_workflow(workflow)

        assert_settled(stack)
        assert {t.status for t in stack.sdk.get_tasks(workflow_id=workflow)} == {"cancelled"}


def test_an_accepted_result_stops_all_tasks_those_being_started_too(
    stack: Stack, tmp_path: Path
) -> None:
    workflow = stack.sdk.start_workflow(STOP_ALL.id)
    explanation = "Found.\\n\\n```script\\n- review_result: pass\\n```"
    finder = create_task(
        stack, workflow, write("found", "it"), f'submit_result: "{explanation}"', "done: found"
    )
    others = [
        create_task(stack, workflow, wait_at(tmp_path / "never"), title=f"Other {number}")
        for number in range(6)
    ]

    result = stack.sdk.wait_for_result(workflow, timeout=60)

    assert result.status == "accepted"
    stack.sdk.wait_for_completion(workflow, timeout=30)
    assert_settled(stack)
    states = {t.id: t.status for t in stack.sdk.get_tasks(workflow_id=workflow)}
    assert {states[task_id] for task_id in others} == {"cancelled"}
    assert states[finder] == "done"
    assert stack.sdk.get_workflow(workflow).status == "completed"
    assert git(stack.repository, "show", "main:found") == "it"


def test_labels_that_are_taken_back_count_at_once_for_a_worker_that_runs_on(stack: Stack) -> None:
    worker = stack.pid("worker")
    client = stack.sdk.client
    assert client.label_host(HOST, ["other"]).labels == ("other",)
    workflow = stack.sdk.start_workflow(ON_GPU.id)
    task_id = create_task(stack, workflow, "done: there was a GPU")
    later = create_task(stack, stack.sdk.start_workflow(DEFINITION.id), "done: anywhere")
    assert stack.sdk.wait_for_task(later, timeout=60).status == "done"
    assert stack.sdk.get_task(task_id).status == "queued"
    assert client.label_host(HOST, None).labels == ("gpu",)
    assert stack.sdk.wait_for_task(task_id, timeout=60).status == "done"
    assert stack.pid("worker") == worker, "it was not started again"
