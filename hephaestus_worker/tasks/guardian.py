"""Celery tasks of the Guardian: parse, call one function, report."""

from celery import shared_task

from hephaestus_core.bells import CeleryTaskName
from hephaestus_worker.guardian.observer import observe_agents
from hephaestus_worker.process import current
from hephaestus_worker.tasks.agents import AWAY
from hephaestus_worker.tasks.hosts import ring_live_hosts


@shared_task(name=CeleryTaskName.GUARDIAN_SWEEP, throws=AWAY)
def sweep() -> None:
    """Have every live host look at its agents."""
    ring_live_hosts(CeleryTaskName.OBSERVE_HOST)


@shared_task(name=CeleryTaskName.OBSERVE_HOST, throws=AWAY)
def observe_host() -> None:
    """Look at every live agent of this host."""
    observe_agents(current().machine)
