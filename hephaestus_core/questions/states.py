"""The state machine of a question."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import QuestionStatus as S

MACHINE: Final = Machine(
    "Question",
    begins={S.OPEN: "asked by an agent"},
    edges={
        (S.OPEN, S.ANSWERED): "a person has answered",
        (S.OPEN, S.EXPIRED): "nobody answered in time",
        (S.OPEN, S.CANCELLED): "its task has ended",
    },
)
