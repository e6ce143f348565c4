"""The state machines of a host."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import Health, OrphanStatus
from hephaestus_core.contract.statuses import HostStatus as S

MACHINE: Final = Machine(
    "Host",
    begins={S.ACTIVE: "registered"},
    edges={
        (S.ACTIVE, S.LOST): "silent over two sweeps",
        (S.LOST, S.ACTIVE): "gave a sign of life",
    },
)

HEALTH: Final = Machine(
    "Host",
    begins={Health.WELL: "registered"},
    edges={
        (
            Health.WELL,
            Health.UNWELL,
        ): "its last starts failed by it, or its disk or memory is short",
        (Health.UNWELL, Health.WELL): "a start went well, or it has space and memory again",
    },
)

ORPHANS: Final = Machine(
    "Orphan",
    begins={OrphanStatus.FOUND: "seen without a row that claims it"},
    edges={
        (
            OrphanStatus.FOUND,
            OrphanStatus.QUARANTINED,
        ): "unclaimed for ten minutes",
    },
)
