"""A worker tells how its host holds the processes of agents, as it has tried."""

from dataclasses import replace

from hephaestus_core.hosts.service import list_hosts
from hephaestus_worker.host.heartbeat import register
from hephaestus_worker.terminal import enclosures
from tests.integration.host.conftest import Host


def test_a_worker_tells_its_containment_at_each_start(host: Host) -> None:
    worker = host.worker()
    assert worker.enclosure == enclosures.probed()
    register(worker)
    [before] = list_hosts(host.engine.db)
    assert before.containment == worker.enclosure.containment

    weaker = replace(enclosures.subreaper(), obstacle="unshare: Operation not permitted")
    register(replace(worker, enclosure=weaker))
    [now] = list_hosts(host.engine.db)
    assert (now.containment, now.containment_obstacle) == ("subreaper", weaker.obstacle)
