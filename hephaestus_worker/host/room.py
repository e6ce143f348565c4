"""Room for another agent on this host, looked at before a task is claimed."""

from hephaestus_core.contract.statuses import FaultCause
from hephaestus_core.hosts.service import record_shortage
from hephaestus_worker.host import disk, memory
from hephaestus_worker.host.machine import Machine


def has_room(machine: Machine) -> bool:
    """Say whether disk and memory suffice for another agent; record it when that changes."""
    short = {
        FaultCause.DISK: disk.shortage_of(machine),
        FaultCause.MEMORY: memory.shortage(
            memory.free_bytes(),
            least=machine.settings.least_free_memory,
            short=machine.reported_short.get(FaultCause.MEMORY, False),
        ),
    }
    for cause, found in short.items():
        # A worker that has just started does not know what the one before it recorded.
        if machine.reported_short.get(cause) is not (found is not None):
            record_shortage(machine.db, machine.name, cause, found)
            machine.reported_short[cause] = found is not None
    return not any(short.values())
