"""Celery tasks about hosts: parse, call one function, report."""

from celery import shared_task

from hephaestus_core.agents import leases
from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.contract.statuses import HostStatus
from hephaestus_core.hosts.service import list_hosts
from hephaestus_worker.agents.checkpoints import checkpoint_all
from hephaestus_worker.agents.outputs import share_outputs
from hephaestus_worker.passes.reconcile import reconcile
from hephaestus_worker.passes.tidying import tidy
from hephaestus_worker.process import current
from hephaestus_worker.tasks.agents import AWAY


@shared_task(name=CeleryTaskName.RECONCILE_HOST, throws=AWAY)
def reconcile_host() -> None:
    """Make this host agree with the database."""
    current().heartbeat.heard()
    reconcile(current().machine)


@shared_task(name=CeleryTaskName.RECONCILE_HOSTS, throws=AWAY)
def reconcile_hosts() -> None:
    """Ring every live host's bell."""
    ring_live_hosts(CeleryTaskName.RECONCILE_HOST)


@shared_task(name=CeleryTaskName.CHECKPOINT_HOST, throws=AWAY)
def checkpoint_host() -> None:
    """Save the work of this host's live agents."""
    checkpoint_all(current().machine)


@shared_task(name=CeleryTaskName.CHECKPOINT_HOSTS, throws=AWAY)
def checkpoint_hosts() -> None:
    """Have every live host save the work of its agents."""
    ring_live_hosts(CeleryTaskName.CHECKPOINT_HOST)


@shared_task(name=CeleryTaskName.SHARE_OUTPUT, throws=AWAY)
def share_output() -> None:
    """Share the output of this host's agents with its readers."""
    share_outputs(current().machine)


@shared_task(name=CeleryTaskName.TIDY_HOST, throws=AWAY)
def tidy_host() -> None:
    """Tidy this host's disk."""
    tidy(current().machine)


@shared_task(name=CeleryTaskName.TIDY_HOSTS, throws=AWAY)
def tidy_hosts() -> None:
    """Have every live host tidy its disk."""
    ring_live_hosts(CeleryTaskName.TIDY_HOST)


@shared_task(name=CeleryTaskName.EXPIRE_LEASES, throws=AWAY)
def expire_leases() -> None:
    """Take the attempts from hosts that stay silent."""
    machine = current().machine
    leases.expire(machine.db, confirm_seconds=2 * machine.settings.heartbeat_seconds)


def ring_live_hosts(name: str) -> None:
    """Send this Celery task to every live host's own queue."""
    machine = current().machine
    for host in list_hosts(machine.db):
        if host.status == HostStatus.ACTIVE:
            machine.send(Bell(name, host_queue(host.name)))
