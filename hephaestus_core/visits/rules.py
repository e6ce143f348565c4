"""Pure rules of visits."""

from datetime import datetime, timedelta
from typing import Final

#: Without a request for this long, a visit is over.
PAUSE: Final = timedelta(minutes=30)


def last_ended(
    last_seen_at: datetime, earlier_ended_at: datetime | None, now: datetime
) -> datetime | None:
    """Return when the last visit ended before the present one; None: there was none before.

    Args:
        last_seen_at: when the person was last seen.
        earlier_ended_at: the end of the visit before that one.
        now: by the database's clock.
    """
    return last_seen_at if now - last_seen_at > PAUSE else earlier_ended_at
