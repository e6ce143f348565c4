"""The state machine of a diagnosis."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import DiagnosisStatus as S

MACHINE: Final = Machine(
    "Diagnosis",
    begins={S.RUNNING: "the workflow stood still for long enough"},
    edges={
        (S.RUNNING, S.COMPLETED): "its agent has reported",
        (S.RUNNING, S.FAILED): "its task has failed or was called off",
    },
)
