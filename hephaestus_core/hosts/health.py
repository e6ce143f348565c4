"""The health of hosts after each start of an agent, as pure rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hephaestus_core.contract.statuses import Health

#: Failed starts in a row after which a host is unwell. One may be a mishap.
UNWELL_AFTER: Final = 2
#: The pauses between the tries of an unwell host double from the first to the longest, each with a
#: jitter of up to a half: hosts that lost the same origin do not ask for it all at once.
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Standing:
    """A host's health, as a whole or on one repository."""

    status: Health = Health.WELL
    failures: int = 0
    """Failed starts in a row."""
    failed_at: datetime | None = None
    """Time of the newest failure that counted."""
    next_try_at: datetime | None = None
    """When an unwell host may try one start."""


def after_failed_start(
    before: Standing, *, started_at: datetime, now: datetime, jitter: float
) -> Standing:
    """Return the health after a start that failed by the host's own fault.

    Args:
        started_at: when the start began. Starts that were under way when the host was found unwell
            fail for the same reason, so they do not lengthen the pause.
        jitter: a random number from 0 to 1.
    """
    if before.status == Health.UNWELL and before.failed_at and started_at <= before.failed_at:
        return before
    failures = before.failures + 1
    if failures < UNWELL_AFTER:
        return Standing(Health.WELL, failures, now)
    # Python's integers grow without a limit, a timedelta does not.
    pause = min(FIRST_PAUSE * 2 ** min(failures - UNWELL_AFTER, 30), LONGEST_PAUSE)
    return Standing(Health.UNWELL, failures, now, now + pause * (1 + jitter / 2))


def may_claim(standing: Standing, *, starting: bool, now: datetime) -> bool:
    """Say whether the host may claim a task; a claim decides the same in SQL.

    Args:
        starting: whether an agent of the host is being started, on this repository if the health is
            of one repository.
    """
    if standing.status == Health.WELL:
        return True
    due = standing.next_try_at is not None and standing.next_try_at <= now
    return due and not starting
