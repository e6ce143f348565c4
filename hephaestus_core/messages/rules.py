"""When a message that a program did not take is tried again, and how much is read at once."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from typing import Final

from hephaestus_core.contract.statuses import AgentStatus

MOST_PASTES: Final = 5
"""So often a message is put before a program that never shows that it has come.

After that it waits for its agent to ask: each further one might be the same text once more.
"""

RECEIVING: Final = (AgentStatus.WORKING, AgentStatus.IDLE)
"""States of agents whose programs are given messages."""

_SHORTEST: Final = timedelta(seconds=30)
_LONGEST: Final = timedelta(minutes=10)


def pause_after(pastes: int) -> timedelta:
    """Return how long to wait after this many pastes that were not confirmed, maybe none."""
    return min(_SHORTEST * (1 << max(0, pastes - 1)), _LONGEST)


def fitting(lengths: Sequence[int], most: int) -> int:
    """Return how many texts, from the first on, have ``most`` characters or fewer together.

    The first one counts however long it is: otherwise nothing would ever move on.
    """
    return max(sum(total <= most for total in accumulate(lengths)), min(len(lengths), 1))
