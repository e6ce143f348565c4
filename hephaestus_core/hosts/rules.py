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


#: Seconds between two canaries.
CANARY_SECONDS: Final = 15.0
#: Seconds for which a host may leave one unheard: four of them, as one bell may be lost.
CANARY_PATIENCE: Final = 4 * CANARY_SECONDS


def late_canary() -> str:
    """Return the alarm about a host that does not hear its queue, in words."""
    return (
        f"No bell has come out of its queue for over {CANARY_PATIENCE:.0f} s, so it begins work "
        "some seconds later, by its own rounds. Look at Redis and at the log of its worker."
    )


#: Sweeps that may be missed before somebody is told.
_MISSED_SWEEPS: Final = 3
#: Seconds for which a machine with too much to do is forgiven.
_LEAST_PATIENCE: Final = 30.0


def sweep_patience(interval: float) -> float:
    """Return after how many seconds without a sweep, one each ``interval``, the alarm is raised."""
    return max(_MISSED_SWEEPS * interval, _LEAST_PATIENCE)


def late_sweep(interval: float) -> str:
    """Return the alarm about a sweep that is late, in words."""
    return (
        f"The Guardian has not looked at its agents for over {sweep_patience(interval):.0f} s; "
        "see the log of its worker."
    )


def incomplete_judging(due: int, judged: int, reason: str) -> str | None:
    """Return why a model has not judged all agents that were due; None if it has.

    Args:
        due: agents to judge.
        reason: why one of them was not judged.
    """
    if judged == due:
        return None
    return f"A model has judged {judged} of {due} agents; rules alone judge the others. {reason}"


def incomplete_sweep(due: int, unseen: int, reason: str) -> str | None:
    """Return the alarm about a sweep that did not see all agents; None if it did.

    Args:
        due: agents to look at.
        reason: why one of them was not seen.
    """
    if not unseen:
        return None
    return f"The Guardian could not see {unseen} of {due} agents. {reason}"
