"""Answers to bells about access: parse, call one function, report."""

from hephaestus_core.access import audit
from hephaestus_core.bells import CeleryTaskName
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.tasks.answers import answers


@answers(CeleryTaskName.AUDIT_SWEEP)
def sweep_audit(machine: Machine) -> None:
    """Delete audit entries that are past their time."""
    audit.sweep(machine.db)
