"""The one place that asks what time it is; rules take ``now`` as an argument."""

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Return the present time, always with the UTC zone."""
    return datetime.now(UTC)
