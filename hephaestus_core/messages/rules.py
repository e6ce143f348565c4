"""When an unconfirmed message is tried again, and how many are read at once."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from typing import Final

from hephaestus_core.contract.statuses import AgentStatus

MOST_PASTES: Final = 5
"""Most pastes of a message that is never confirmed.

After that the message waits for its agent to fetch it: each further paste might repeat a text that
has arrived.
"""

RECEIVING: Final = (AgentStatus.WORKING, AgentStatus.IDLE)
"""Statuses of agents whose programs can take messages."""

_SHORTEST: Final = timedelta(seconds=30)
_LONGEST: Final = timedelta(minutes=10)


def pause_after(pastes: int) -> timedelta:
    """Return the pause after this many unconfirmed pastes, which may be 0."""
    return min(_SHORTEST * (1 << max(0, pastes - 1)), _LONGEST)


def fitting(lengths: Sequence[int], most: int) -> int:
    """Return how many texts from the first on have at most ``most`` characters together.

    The first one always counts, since a longer one would block the rest.
    """
    return max(sum(total <= most for total in accumulate(lengths)), min(len(lengths), 1))
