"""The state machine of an agent."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import AgentStatus as S

MACHINE: Final = Machine(
    "Agent",
    begins={S.STARTING: "its task was claimed"},
    edges={
        (S.STARTING, S.WORKING): "its program has the prompt",
        (S.STARTING, S.STOPPING): "asked to end",
        (S.STARTING, S.FINISHED): "could not be started, or its task was taken from it",
        (S.STARTING, S.LOST): "its host fell silent",
        (S.WORKING, S.IDLE): "waits at its prompt",
        (S.WORKING, S.STOPPING): "asked to end, gave up, or waits for a person",
        (S.WORKING, S.FINISHED): "saved, and its processes ended",
        (S.WORKING, S.LOST): "its host fell silent",
        (S.IDLE, S.WORKING): "goes on",
        (S.IDLE, S.STOPPING): "asked to end, gave up, did not report, or waits for a person",
        (S.IDLE, S.FINISHED): "saved, and its processes ended",
        (S.IDLE, S.LOST): "its host fell silent",
        (S.STOPPING, S.FINISHED): "saved, and its processes ended",
        (S.STOPPING, S.LOST): "its host fell silent",
    },
)

ENDED: Final = frozenset({S.FINISHED, S.LOST})
