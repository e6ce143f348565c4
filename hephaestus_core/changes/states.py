"""The state machine of a merge."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import MergeStatus as S

MACHINE: Final = Machine(
    "Merge",
    begins={
        S.PENDING: "an attempt ended with saved work",
        S.NOTHING: "an attempt ended without work to merge",
        S.WAITING: "an attempt ended whose work is merged with what follows it",
    },
    edges={
        (S.WAITING, S.PENDING): "work that follows it is merged, or its result was accepted",
        (S.PENDING, S.MERGED): "merged",
        (S.PENDING, S.NOTHING): "the branch has it already",
        (S.PENDING, S.CONFLICT): "conflicts with the branch",
        (S.PENDING, S.DROPPED): "its task left review",
        (S.CONFLICT, S.MERGED): "merged after all",
        (S.CONFLICT, S.NOTHING): "somebody has merged it by hand",
        (S.CONFLICT, S.PENDING): "the work that resolves it is merged",
        (S.CONFLICT, S.DROPPED): "its task left review",
        (S.MERGED, S.PENDING): "its result was accepted after a restart",
        (S.NOTHING, S.PENDING): "its result was accepted after a restart",
        (S.DROPPED, S.PENDING): "its result was accepted after a restart",
        (S.DROPPED, S.MERGED): "it was being merged when its task left review",
    },
)

#: The merge is still to be made.
OPEN: Final = frozenset({S.PENDING, S.CONFLICT})
