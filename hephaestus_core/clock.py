"""The only place that reads the clock of the process.

The engine decides by the database's clock (:func:`hephaestus_core.db.engine.database_now`); rules
take ``now`` as an argument.
"""

import time
from datetime import UTC, datetime

#: By how many seconds the clock of this process is ahead of the database's, as last measured.
_ahead = [0.0]


def host_seconds() -> float:
    """Return the time of this machine as it is, in seconds since 1970."""
    return time.time()


def correct(ahead: float) -> None:
    """Take it that this machine's clock is so many seconds ahead of the database's."""
    _ahead[0] = ahead


def utcnow() -> datetime:
    """Return the present time, corrected by the measured difference, always with the UTC zone."""
    return datetime.fromtimestamp(host_seconds() - _ahead[0], UTC)


def rfc3339(moment: datetime) -> str:
    """Return a time in RFC 3339, in UTC, with a Z."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
