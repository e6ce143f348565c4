"""Celery tasks about access: parse, call one function, report."""

from celery import shared_task

from hephaestus_core.access import audit
from hephaestus_core.bells import CeleryTaskName
from hephaestus_worker.process import current
from hephaestus_worker.tasks.agents import AWAY


@shared_task(name=CeleryTaskName.AUDIT_SWEEP, throws=AWAY)
def sweep_audit() -> None:
    """Delete audit entries that are past their time."""
    audit.sweep(current().machine.db)
