"""A host's disk: old logs are deleted, those of live agents and of yesterday stay."""

import os
import time
from pathlib import Path

import pytest

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import HostAgent
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_core.db.engine import Database
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.launch_files import OWN
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.tidying import KEPT_DAYS, tidy
from hephaestus_worker.shutdown import end_agents
from tests.integration.host.conftest import Host
from tests.undeletable import undeletable


def _aged(folder: Path, days: float) -> Path:
    log = folder / PANE_LOG
    log.parent.mkdir(exist_ok=True)
    log.touch()
    at = time.time() - days * 86_400
    os.utime(log, (at, at))
    return folder


def test_only_the_folders_of_agents_that_ended_long_ago_are_deleted(host: Host) -> None:
    agent = host.claim("sleep: 100")
    worker = host.worker()
    start_agent(worker, agent.id)
    live = _aged(worker.folders.agent(agent.id), KEPT_DAYS + 1)
    recent = _aged(worker.folders.agents / "recent", KEPT_DAYS - 1)
    old = _aged(worker.folders.agents / "old", KEPT_DAYS + 1)
    [mirror] = worker.folders.mirrors.glob("*.git")
    left = mirror / "objects" / "tmp_objdir-hephaestus-left"
    left.mkdir()
    os.utime(left, (time.time() - 100_000,) * 2)

    tidy(worker)

    assert not left.exists(), "what a killed merge left"
    assert live.exists()
    assert recent.exists()
    assert not old.exists()
    assert list(host.settings.home.glob("host/mirrors/*.git/objects/pack/*.pack"))


def test_an_agent_that_is_started_meanwhile_keeps_what_it_has(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, read = host.worker(), hosting.agents_of
    homes = list[Path]()

    def read_before_a_start(db: Database, name: str) -> list[HostAgent]:
        found = read(db, name)
        homes.append(worker.folders.agent(host.claim("sleep: 100").id) / OWN)
        homes[0].mkdir(parents=True)
        return found

    monkeypatch.setattr(hosting, "agents_of", read_before_a_start)
    tidy(worker)
    assert homes[0].exists()


def test_an_agent_that_leaves_undeletable_files_is_released_and_they_go_later(host: Host) -> None:
    agent = host.claim(
        "run: 'mkdir cache; echo cache > .gitignore; touch cache/locked made'", "sleep: 100"
    )
    worker = host.worker()
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "made")
    host.engine.report_done(agent)
    locked = host.worktree(agent.id) / "cache" / "locked"
    with undeletable(locked, below=worker.folders.worktrees):
        assert finish_agent(worker, agent.id)
        assert hosting.agents_of(host.engine.db, "a") == []
        assert list(worker.folders.worktrees.iterdir()) != []
        tidy(worker)

    tidy(worker)

    host.assert_released(agent.id)


def test_a_host_that_shuts_down_passes_over_undeletable_files(host: Host) -> None:
    agent = host.claim(
        "run: 'mkdir cache; echo cache > .gitignore; touch cache/locked made'", "sleep: 100"
    )
    worker = host.worker()
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, "made")
    locked = host.worktree(agent.id) / "cache" / "locked"
    with undeletable(locked, below=worker.folders.worktrees):
        end_agents(worker)
        assert hosting.agents_of(host.engine.db, "a") == []
