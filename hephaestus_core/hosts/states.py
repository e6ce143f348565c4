"""The state machine of a host."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import HostStatus as S

MACHINE: Final = Machine(
    "Host",
    begins={S.ACTIVE: "registered"},
    edges={
        (S.ACTIVE, S.LOST): "silent over two sweeps",
        (S.LOST, S.ACTIVE): "gave a sign of life",
    },
)
