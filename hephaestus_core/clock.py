"""The only place that reads the clock; rules take ``now`` as an argument."""

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Return the present time, always with the UTC zone."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """Return a time in RFC 3339, in UTC, with a Z."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
