"""How much an agent gets to read at once."""

from collections.abc import Sequence
from itertools import accumulate


def fitting(lengths: Sequence[int], most: int) -> int:
    """Return how many texts, from the first on, have ``most`` characters or fewer together.

    The first one counts however long it is: otherwise nothing would ever move on.
    """
    return max(sum(total <= most for total in accumulate(lengths)), min(len(lengths), 1))
