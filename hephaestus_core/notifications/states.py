"""The state machine of a message to a channel."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import NotificationStatus as S

MACHINE: Final = Machine(
    "Notification",
    begins={S.PENDING: "things came up that the channel is to be told"},
    edges={
        (S.PENDING, S.SENT): "the channel took it",
        (S.PENDING, S.FAILED): "the channel refused it, or no try is left",
    },
)
