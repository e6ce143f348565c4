"""Answers to bells about hosts: parse, call one function, report."""

from collections.abc import Callable
from functools import partial

from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.changes import losses
from hephaestus_core.contract.statuses import HostStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.db.isolated import for_each
from hephaestus_core.diagnoses import service as diagnoses
from hephaestus_core.guardian.sweeping import find_late_sweeps
from hephaestus_core.hosts import canaries
from hephaestus_core.hosts.service import list_hosts
from hephaestus_core.reviews import upkeep
from hephaestus_worker.agents.checkpoints import checkpoint_all
from hephaestus_worker.agents.outputs import share_outputs
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.orphans.tending import tend_orphans
from hephaestus_worker.passes.deleting import delete_workflows
from hephaestus_worker.passes.reconcile import reconcile
from hephaestus_worker.passes.tidying import tidy
from hephaestus_worker.tasks.answers import answers


@answers(CeleryTaskName.RECONCILE_HOST)
def reconcile_host(machine: Machine) -> None:
    """Make this host agree with the database."""
    reconcile(machine)


@answers(CeleryTaskName.RECONCILE_HOSTS)
def reconcile_hosts(machine: Machine) -> None:
    """Ring every live host's bell."""
    ring_live_hosts(machine, CeleryTaskName.RECONCILE_HOST)


@answers(CeleryTaskName.CHECKPOINT_HOST)
def checkpoint_host(machine: Machine) -> None:
    """Save the work of this host's live agents."""
    checkpoint_all(machine)


@answers(CeleryTaskName.CHECKPOINT_HOSTS)
def checkpoint_hosts(machine: Machine) -> None:
    """Have every live host save the work of its agents."""
    ring_live_hosts(machine, CeleryTaskName.CHECKPOINT_HOST)


@answers(CeleryTaskName.SHARE_OUTPUT)
def share_output(machine: Machine) -> None:
    """Share the output of this host's agents with its readers."""
    share_outputs(machine)


@answers(CeleryTaskName.TEND_ORPHANS)
def tend_orphans_here(machine: Machine) -> None:
    """Find what no row claims on this host."""
    tend_orphans(machine)


@answers(CeleryTaskName.TEND_ORPHANS_OF_HOSTS)
def tend_orphans_of_hosts(machine: Machine) -> None:
    """Have every live host find what no row claims."""
    ring_live_hosts(machine, CeleryTaskName.TEND_ORPHANS)


@answers(CeleryTaskName.TIDY_HOST)
def tidy_host(machine: Machine) -> None:
    """Tidy this host's disk."""
    tidy(machine)


@answers(CeleryTaskName.TIDY_HOSTS)
def tidy_hosts(machine: Machine) -> None:
    """Have every live host tidy its disk."""
    ring_live_hosts(machine, CeleryTaskName.TIDY_HOST)


@answers(CeleryTaskName.SEND_CANARIES)
def send_canaries(machine: Machine) -> None:
    """Send a canary to the queue of every live host."""
    canaries.send(machine.db)


@answers(CeleryTaskName.CANARY)
def canary(machine: Machine) -> None:
    """Note that a canary came out of this host's queue."""
    canaries.record_heard(machine.db, machine.name)


@answers(CeleryTaskName.DELETE_ON_HOST)
def delete_on_host(machine: Machine) -> None:
    """Delete what people have deleted, as far as it is on this host."""
    delete_workflows(machine)


@answers(CeleryTaskName.DELETE_ON_HOSTS)
def delete_on_hosts(machine: Machine) -> None:
    """Have every live host delete what people have deleted."""
    ring_live_hosts(machine, CeleryTaskName.DELETE_ON_HOST)


@answers(CeleryTaskName.EXPIRE_LEASES)
def expire_leases(machine: Machine) -> None:
    """Find silent hosts and judges, diagnoses that have ended, late sweeps and late canaries."""
    settings = machine.settings
    looks: tuple[Callable[[Database], object], ...] = (
        partial(losses.expire, confirm_seconds=2 * settings.heartbeat_seconds),
        upkeep.tend,
        diagnoses.end_finished,
        partial(find_late_sweeps, interval=settings.monitoring_interval),
        canaries.find_late,
    )
    for_each(lambda look: look(machine.db), looks, work="hosts.expire_leases")


def ring_live_hosts(machine: Machine, name: str) -> None:
    """Send this Celery task to every live host's own queue."""
    for host in list_hosts(machine.db):
        if host.status == HostStatus.ACTIVE:
            machine.send(Bell(name, host_queue(host.name)))
