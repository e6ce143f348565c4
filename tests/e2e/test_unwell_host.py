"""A host whose disk is really full beside a healthy one: work goes on, and the host recovers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scripts import task, write
from tests.e2e.second_host import second_host
from tests.e2e.stack import DEFINITION, Stack, assert_settled, running_stack
from tests.small_disk import SIZE, SmallDisk, small_disk
from tests.waiting import wait_until

TASKS = 8
#: The healthy host has one slot, so that the broken one is always free.
SETTINGS = {"max_concurrent_agents": 6}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path, host="one", host_slots=1, **SETTINGS) as running:
        yield running


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


def work(stack: Stack, workflow: str, number: int) -> str:
    done = task(f"Task {number}", write(f"made/{number}", "it"), "done: it is made")
    return stack.sdk.create_task_in_workflow(workflow, done)


def hosts_of(stack: Stack) -> dict[str, set[str]]:
    """Return the hosts on which agents ran at all, and those on which starts failed."""
    ran = stack.rows("SELECT DISTINCT host FROM agents WHERE running_at IS NOT NULL")
    failed = stack.rows("SELECT DISTINCT host FROM agents WHERE failure_class = 'host'")
    return {"ran": {row["host"] for row in ran}, "failed": {row["host"] for row in failed}}


@pytest.mark.parametrize(
    ("least_free_bytes", "failing"), [(0, {"two"}), (SIZE // 2, set())], ids=["unseen", "seen"]
)
def test_all_tasks_run_on_the_healthy_host_and_the_full_one_recovers_by_itself(
    stack: Stack, disk: SmallDisk, least_free_bytes: int, failing: set[str]
) -> None:
    workflow = stack.sdk.start_workflow(DEFINITION.id, main_repo_path=f"file://{stack.repository}")
    settings = {"least_free_bytes": least_free_bytes, "least_free_inodes": 0, **SETTINGS}
    with second_host(stack, disk.path, **settings) as broken:
        # Celery ends where it cannot even print that it begins.
        wait_until(lambda: " ready." in broken.log.read_text(), timeout=30, what="it has begun")
        disk.fill()
        tasks = [work(stack, workflow, number) for number in range(TASKS)]
        ended = [stack.sdk.wait_for_task(t, timeout=90) for t in tasks]
        assert [each.failure_reason for each in ended if each.status != "done"] == []
        assert hosts_of(stack) == {"ran": {"one"}, "failed": failing}
        two = next(host for host in stack.sdk.client.hosts() if host.name == "two")
        assert two.health == "unwell"
        assert [fault.cause for fault in two.faults] == ["starts" if failing else "disk"]

        disk.free()
        stack.sdk.client.drain_host("one", drain=True)
        again = work(stack, workflow, TASKS)
        assert stack.sdk.wait_for_task(again, timeout=90).status == "done"
        assert hosts_of(stack)["ran"] == {"one", "two"}
        assert {host.health for host in stack.sdk.client.hosts()} == {"well"}
        assert_settled(stack)
    assert stack.rows("SELECT id FROM tasks WHERE status <> 'done'") == []
