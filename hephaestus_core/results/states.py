"""The state machine of a result."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import ResultStatus as S

MACHINE: Final = Machine(
    "Result",
    begins={S.SUBMITTED: "handed in by an agent"},
    edges={
        (S.SUBMITTED, S.ACCEPTED): "its reviewer or a person found that it meets the criteria",
        (
            S.SUBMITTED,
            S.REJECTED,
        ): "its reviewer or a person found that it does not, or a check failed",
    },
)
