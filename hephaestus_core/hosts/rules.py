"""Pure decisions about hosts."""

from typing import Final

#: Seconds of difference from the database's clock from which a host's clock is wrong.
CLOCK_WRONG_FROM: Final = 2.0
#: Seconds below which it is right again. Less, so that a clock at the limit is told once.
_CLOCK_RIGHT_BELOW: Final = 1.0
#: Seconds for the database's answer above which a measurement tells nothing.
_LONGEST_ANSWER: Final = 1.0


def clock_ahead(asked_at: float, database_at: float, answered_at: float) -> float | None:
    """Return by how many seconds a host's clock is ahead of the database's.

    None: the answer took too long, or the clock was set meanwhile.

    Args:
        asked_at: the host's time before it asked the database for its time.
        database_at: the answer.
        answered_at: the host's time after it.
    """
    if not 0.0 <= answered_at - asked_at <= _LONGEST_ANSWER:
        return None
    return (asked_at + answered_at) / 2 - database_at


def is_clock_wrong(ahead: float, *, was_wrong: bool) -> bool:
    """Say whether a clock with this difference is wrong."""
    return abs(ahead) >= (_CLOCK_RIGHT_BELOW if was_wrong else CLOCK_WRONG_FROM)
