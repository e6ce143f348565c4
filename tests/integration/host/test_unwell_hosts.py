"""Starts on a host that is broken: whose failure it is, and what the host does about it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hephaestus_core.attention.service import inbox
from hephaestus_core.hosts.service import HostFaultView, list_hosts
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.tasks.service import get_task
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.host.disk import shortage
from hephaestus_worker.host.machine import folders_of
from hephaestus_worker.passes.reconcile import reconcile
from tests.integration.git.making import Repo
from tests.integration.host.conftest import Host
from tests.small_disk import SIZE, SmallDisk, small_disk


@pytest.fixture
def disk(host: Host, tmp_path: Path) -> Iterator[SmallDisk]:
    """The small disk of home and repository, at which the host does not look before it claims."""
    with small_disk(tmp_path / "disk") as made:
        repository = Repo.make(made.path / "origin")
        repository.commit({"README.md": "A project.\n"})
        order = LaunchOrder(definition_id=host.engine.define(), repository=str(repository.path))
        host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id
        host.settings = replace(
            host.settings, home=made.path, least_free_bytes=0, least_free_inodes=0
        )
        yield made
        host.worker().tmux.kill_server()


def faults(host: Host) -> list[HostFaultView]:
    return list_hosts(host.engine.db)[0].faults


def failed_start(host: Host) -> str:
    """Claim a task, whose start fails; return the reason. The task waits for another attempt."""
    agent = host.claim("done: it")
    start_agent(host.worker(), agent.id)
    ended = host.agent(agent.id)
    assert ended.failure_class == "host", ended.failure_reason
    assert get_task(host.engine.db, agent.task_id).status == "queued"
    return ended.failure_reason or ""


def test_a_start_on_a_full_disk_is_the_host_s_failure_before_and_after_the_mirror_is_made(
    host: Host, disk: SmallDisk
) -> None:
    folders_of(host.settings)
    disk.fill()
    reason = failed_start(host)
    assert reason.startswith("Host 'a': ")
    assert "No space left" in reason
    disk.free()
    first = host.claim("sleep: 100")
    start_agent(host.worker(), first.id)
    assert host.agent(first.id).status == "working"
    assert faults(host) == []

    disk.fill()
    failed_start(host)
    failed_start(host)
    [fault] = faults(host)
    assert fault.cause == "starts"
    disk.free()


def test_a_host_looks_at_its_disk_before_it_claims_and_claims_once_there_is_space(
    host: Host, disk: SmallDisk
) -> None:
    host.settings = replace(host.settings, least_free_bytes=SIZE // 2)
    worker = host.worker()
    disk.fill()
    host.engine.create("a task")
    reconcile(worker)
    assert host.engine.claim() is None
    [fault] = faults(host)
    assert (fault.cause, fault.next_try_at) == ("disk", None)
    assert "0 MB are free of at least 8 MB" in fault.reason

    disk.free()
    reconcile(worker)
    assert faults(host) == []
    assert [bell.name for bell in host.rung].count("agent.start") == 1


def test_a_new_worker_knows_of_space_that_was_made_while_there_was_none(
    host: Host, disk: SmallDisk
) -> None:
    host.settings = replace(host.settings, least_free_bytes=SIZE // 2)
    disk.fill()
    reconcile(host.worker())
    disk.free()
    reconcile(host.worker())
    assert faults(host) == []


def test_inodes_run_out_as_bytes_do(disk: SmallDisk) -> None:
    free = os.statvfs(disk.path).f_favail
    assert shortage([disk.path], least_bytes=0, least_inodes=free) is None
    (disk.path / "one more").touch()
    found = shortage([disk.path], least_bytes=0, least_inodes=free)
    assert found == f"{disk.path}: {free - 1} inodes are free of at least {free}"


def test_a_host_without_git_or_tmux_fails_by_itself(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = host.worker()
    start_agent(worker, host.claim("sleep: 100").id)
    for missing in ("tmux", "git"):
        monkeypatch.setenv("PATH", str(_path_without(missing, tmp_path / missing)))
        agent = host.claim("done: it")
        start_agent(worker, agent.id)
        ended = host.agent(agent.id)
        assert ended.failure_class == "host", ended.failure_reason
        assert missing in (ended.failure_reason or "")
        monkeypatch.undo()
    [fault] = faults(host)
    assert fault.cause == "starts"


def test_an_origin_out_of_reach_is_a_fault_on_this_repository_only(host: Host) -> None:
    order = LaunchOrder(
        definition_id=host.engine.define(), repository="http://127.0.0.1:9/none.git"
    )
    home = host.engine.workflow_id
    host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id
    failed_start(host)
    failed_start(host)
    [fault] = faults(host)
    assert (fault.cause, fault.repository) == ("repository", "http://127.0.0.1:9/none.git")

    host.engine.workflow_id = home
    agent = host.claim("sleep: 100")
    start_agent(host.worker(), agent.id)
    assert host.agent(agent.id).status == "working"


def _path_without(program: str, folder: Path) -> Path:
    """Make a folder with everything on PATH but one program."""
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        for found in Path(place).glob("*"):
            if found.name != program and not (folder / found.name).exists():
                (folder / found.name).symlink_to(found)
    return folder


def test_a_host_short_of_memory_claims_nothing_and_says_so(host: Host) -> None:
    host.engine.create("a task")
    host.settings = replace(host.settings, least_free_memory=10**15)
    reconcile(host.worker())
    assert host.engine.claim() is None
    [fault] = faults(host)
    assert (fault.cause, fault.next_try_at) == ("memory", None)
    assert "MB of memory are free of at least" in fault.reason
    [item] = [i for i in inbox(host.engine.db).items if i.kind == "host_unwell"]
    assert fault.reason in item.evidence
    host.settings = replace(host.settings, least_free_memory=0)
    reconcile(host.worker())
    assert faults(host) == []
    assert [bell.name for bell in host.rung].count("agent.start") == 1
