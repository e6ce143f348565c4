"""A host's disk: logs of long ago go, those of live agents and of yesterday stay."""

import os
import time
from pathlib import Path

from hephaestus_worker.agent_programs.base import LOG
from hephaestus_worker.host.starting import start_agent
from hephaestus_worker.host.tidying import KEPT_DAYS, tidy
from tests.integration.host.conftest import Host


def _aged(folder: Path, days: float) -> Path:
    log = folder / LOG
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

    tidy(worker)

    assert live.exists()
    assert recent.exists()
    assert not old.exists()
    assert list(host.settings.home.glob("host/mirrors/*.git/objects/pack/*.pack"))
