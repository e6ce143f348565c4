"""An attempt on another user's repository fails for good at its start, with the remedy."""

import os
from pathlib import Path

import pytest

from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.starting import start_agent
from tests.integration.host.conftest import Host
from tests.owners import give_to_another

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def test_it_fails_for_good_and_goes_on_once_it_is_trusted(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "gitconfig"
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    give_to_another(host.origin.path)
    agent = host.claim("report: done")

    start_agent(host.worker(), agent.id)

    task = tasks.get_task(host.engine.db, agent.task_id)
    assert (task.status, task.failure_class) == ("failed", "permanent")
    assert f"safe.directory {host.origin.path}/.git" in str(task.failure_reason)

    settings.write_text(f"[safe]\n\tdirectory = {host.origin.path}/.git\n")
    tasks.restart_task(host.engine.db, agent.task_id)
    second = host.engine.claimed()
    start_agent(host.worker(), second.id)
    assert host.agent(second.id).status == "working"
