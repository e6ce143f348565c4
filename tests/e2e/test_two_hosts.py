"""Two hosts on one system: one is lost or cut off, and the other continues the saved work."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.scripts import create, task, wait_at, write
from tests.e2e.second_host import SecondHost, second_host
from tests.e2e.stack import DEFINITION, Stack, assert_settled, git, running_stack
from tests.waiting import wait_until

#: Short enough for a test, long enough for a busy machine.
SETTINGS = {"heartbeat_seconds": 1.0, "lease_seconds": 4.0, "max_concurrent_agents": 3}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path, host="one", **SETTINGS) as running:
        # The two machines share only a bare repository behind a URL.
        origin = tmp_path / "origin.git"
        git(tmp_path, "clone", "-q", "--bare", str(running.repository), str(origin))
        running.repository = origin
        yield running


@pytest.fixture
def two(stack: Stack, tmp_path: Path) -> Iterator[SecondHost]:
    with second_host(stack, tmp_path, **SETTINGS) as host:
        yield host


def start(stack: Stack) -> str:
    return stack.sdk.start_workflow(DEFINITION.id, main_repo_path=f"file://{stack.repository}")


def drain(stack: Stack, name: str, *, drain: bool = True) -> None:
    stack.sdk.client.drain_host(name, drain=drain)


def attempts(stack: Stack, task_id: str) -> list[dict[str, Any]]:
    return stack.rows(
        "SELECT id::text, host, status, branch, checkpoint_commit, released_at FROM agents "
        "WHERE task_id = CAST(:task AS uuid) ORDER BY attempt",
        task=task_id,
    )


def wait_for_checkpoint(stack: Stack, task_id: str) -> dict[str, Any]:
    """Wait until the origin has work of the task's only attempt; return the attempt."""

    def saved() -> dict[str, Any] | None:
        return next((a for a in attempts(stack, task_id) if a["checkpoint_commit"]), None)

    return wait_until(saved, timeout=30, what="a checkpoint")


def test_tasks_of_a_lost_host_go_on_elsewhere_from_their_last_checkpoint(
    stack: Stack, two: SecondHost, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    workflow = start(stack)
    drain(stack, "one")
    tasks = [
        stack.sdk.create_task_in_workflow(
            workflow,
            task(
                f"Task {name}",
                f"run: 'if [ -e kept/{name} ]; then mkdir -p found; echo it > found/{name}; fi'",
                write(f"kept/{name}", name),
                create(f"Child of {name}", f"run: test -e kept/{name}", "done: seen"),
                f"run: 'until [ -e {gate} -o -e found/{name} ]; do sleep 0.05; done'",
                f"done: {name}",
            ),
        )
        for name in "ab"
    ]
    for task_id in tasks:
        assert wait_for_checkpoint(stack, task_id)["host"] == "two"

    began = time.monotonic()
    two.die()
    drain(stack, "one", drain=False)
    wait_until(
        lambda: all(len(attempts(stack, task_id)) == 2 for task_id in tasks),
        timeout=20,
        what="the other host begins their next attempts",
    )
    print(f"tasks of a lost host claimed elsewhere after {time.monotonic() - began:.1f} s")
    for task_id in tasks:
        assert stack.sdk.wait_for_task(task_id, timeout=30).status == "done"

    stack.sdk.wait_for_completion(workflow, timeout=30)
    for task_id, name in zip(tasks, "ab", strict=True):
        assert [(a["host"], a["status"]) for a in attempts(stack, task_id)] == [
            ("two", "lost"),
            ("one", "finished"),
        ]
        assert git(stack.repository, "show", f"main:found/{name}") == "it"
    assert len(stack.sdk.get_tasks(workflow_id=workflow)) == 4, "no child was made twice"
    hosts = {host.name: host.status for host in stack.sdk.client.hosts()}
    assert hosts == {"one": "active", "two": "lost"}


def test_what_happens_on_the_other_host_is_followed_and_what_it_changed_is_shown(
    stack: Stack, two: SecondHost, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    workflow = start(stack)
    drain(stack, "one")
    task_id = stack.sdk.create_task_in_workflow(
        workflow,
        task(
            "Make something",
            write("made", "something"),
            f"run: 'until [ -e {gate} ]; do sleep 0.05; done'",
            "done: made",
        ),
    )
    client = stack.sdk.client
    working = lambda: [a for a in client.agents() if a.status == "working"]  # noqa: E731
    [agent] = wait_until(working, timeout=30, what="the agent works")
    assert agent.host == "two"
    following = client.follow_output(agent.id)
    shown = next(following).text
    gate.touch()
    shown += "".join(part.text for part in following)
    assert shown.encode() == two.file_of(agent.id, "pane.log").read_bytes()

    assert stack.sdk.wait_for_task(task_id, timeout=30).status == "done"
    brought = client.task_diff(task_id)
    assert [change.path for change in brought.changes] == ["made"]
    assert "+something" in brought.patch
    assert brought.commit == client.task(task_id).merge_commit
    whole = client.workflow_diff(workflow)
    assert (whole.changes, whole.commit) == (brought.changes, brought.commit)
    assert client.task(task_id).prompt == two.file_of(agent.id, "prompt.md").read_text()


def test_a_host_that_was_cut_off_is_refused_ends_its_agents_and_keeps_their_work(
    stack: Stack, two: SecondHost, tmp_path: Path
) -> None:
    gate, never = tmp_path / "gate", tmp_path / "never"
    workflow = start(stack)
    drain(stack, "one")
    reporting, silent = (
        stack.sdk.create_task_in_workflow(
            workflow,
            task(
                f"Task {name}",
                f"run: 'if [ -e kept/{name} ]; then mkdir -p found; echo it > found/{name}; fi'",
                write(f"kept/{name}", name),
                create(f"Child of {name}", "done: nothing to do"),
                f"run: 'until [ -e {opened} -o -e found/{name} ]; do sleep 0.05; done'",
                f"run: 'if [ -e {opened} ]; then mkdir -p late; echo {name} > late/{name}; fi'",
                f"done: {name}",
            ),
        )
        for name, opened in (("reporting", gate), ("silent", never))
    )
    old = {task_id: wait_for_checkpoint(stack, task_id) for task_id in (reporting, silent)}

    two.signal(signal.SIGSTOP)
    drain(stack, "one", drain=False)
    for task_id in old:
        assert stack.sdk.wait_for_task(task_id, timeout=40).status == "done"
    gate.touch()  # The old agent reports, because it does not know of its loss.
    exit_file = two.file_of(old[reporting]["id"], "exit")
    wait_until(exit_file.exists, timeout=20, what="the old agent leaves when it is refused")
    assert two.file_of(old[silent]["id"], "pane.log").exists()
    two.signal(signal.SIGCONT)
    assert_settled(stack)

    # A child that was starting when its host was cut off may be refused as well.
    refused = stack.rows(
        "SELECT DISTINCT agent_id::text AS id FROM events WHERE type = 'agent.report_refused' "
        "AND data->>'report' = 'update_task_status done' "
        "AND agent_id::text IN (:reporting, :silent)",
        reporting=old[reporting]["id"],
        silent=old[silent]["id"],
    )
    assert [row["id"] for row in refused] == [old[reporting]["id"]]
    for task_id in old:
        assert [(a["host"], a["status"]) for a in attempts(stack, task_id)] == [
            ("two", "lost"),
            ("one", "finished"),
        ]
    stack.sdk.wait_for_completion(workflow, timeout=30)
    branch = old[reporting]["branch"]
    assert git(stack.repository, "show", f"{branch}:late/reporting") == "reporting"
    assert "late/" not in git(stack.repository, "ls-tree", "-r", "--name-only", "main")
    # The stop may have interrupted a heartbeat, whose connection the database has closed. Then the
    # next heartbeat, a moment later, is the first sign of life.
    wait_until(
        lambda: {host.status for host in stack.sdk.client.hosts()} == {"active"},
        timeout=10,
        what="the host that was cut off is active again",
    )


def test_a_child_starts_on_another_host_from_what_its_creator_had_when_it_was_created(
    stack: Stack, two: SecondHost, tmp_path: Path
) -> None:
    begin, go_on, end = (tmp_path / name for name in ("begin", "go_on", "end"))
    workflow = start(stack)
    drain(stack, "one")
    parent = stack.sdk.create_task_in_workflow(
        workflow,
        task(
            "Parent",
            write("first", "1"),
            wait_at(begin),
            create("Early child", "run: test -e first -a ! -e second", "done: saw the first"),
            wait_at(go_on),
            write("second", "2"),
            create("Late child", "run: test -e first -a -e second", "done: saw both"),
            wait_at(end),
            "done: both are written",
        ),
    )
    wait_until(lambda: attempts(stack, parent), timeout=20, what="the parent is claimed")
    # No host claims the first child before its creator's branch has new work.
    drain(stack, "two")
    begin.touch()
    early = wait_for_checkpoint(stack, parent)["checkpoint_commit"]
    go_on.touch()
    wait_until(
        lambda: attempts(stack, parent)[0]["checkpoint_commit"] != early,
        timeout=20,
        what="the branch has gone on",
    )
    drain(stack, "one", drain=False)

    children = {
        t.description.split()[0]: stack.sdk.wait_for_task(t.id, timeout=30)
        for t in stack.sdk.get_tasks(workflow_id=workflow)
        if t.id != parent
    }
    end.touch()
    summary = stack.sdk.wait_for_completion(workflow, timeout=30)

    assert {name: t.status for name, t in children.items()} == {"Early": "done", "Late": "done"}
    hosts = [[a["host"] for a in attempts(stack, t.id)] for t in children.values()]
    assert hosts == [["one"], ["one"]]
    assert summary.workflows[0].delivery.status == "delivered"
    assert git(stack.repository, "show", "main:second") == "2"


def test_a_database_that_is_away_for_longer_than_a_lease_costs_no_attempt(
    stack: Stack, two: SecondHost, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    workflow = start(stack)
    tasks = [
        stack.sdk.create_task_in_workflow(
            workflow, task(f"Task {number}", wait_at(gate), f"done: task {number}")
        )
        for number in range(3)
    ]
    working = "SELECT id FROM agents WHERE status = 'working'"
    wait_until(lambda: len(stack.rows(working)) == 3, timeout=30, what="all agents work")

    with frozen_database(stack):
        thaw = time.monotonic() + SETTINGS["lease_seconds"] + 2
        wait_until(lambda: time.monotonic() > thaw, timeout=30, what="all leases have run out")
    seen = "SELECT min(last_seen_at) FROM hosts"
    thawed = stack.one("SELECT now()")
    # Time for two sweeps of the leases; the second would take the attempts away.
    wait_until(
        lambda: (stack.one(seen) - thawed).total_seconds() > 3 * SETTINGS["heartbeat_seconds"],
        timeout=20,
        what="both hosts have given several signs of life",
    )
    gate.touch()

    assert [stack.sdk.wait_for_task(t, timeout=30).attempt for t in tasks] == [1, 1, 1]
    assert stack.rows("SELECT seq FROM events WHERE type IN ('host.lost', 'host.recovered')") == []


@contextmanager
def frozen_database(stack: Stack) -> Iterator[None]:
    """Make PostgreSQL hang, with its connections open, until the end of the block."""
    postmaster = psutil.Process(stack.pid("postgres"))
    processes = [postmaster, *postmaster.children()]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()
