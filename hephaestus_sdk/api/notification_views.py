"""What the API tells of notifications."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class NotificationChannel:
    """A channel that a worker has configured."""

    name: str
    type: str = ""
    target: str = ""
    """Where it leads to, without secrets."""
    severity: str = ""
    """The least severity of what is sent there."""
    seen_at: datetime | None = None
    failing_since: datetime | None = None
    trouble: str | None = None
    """Why the last try failed, or why it cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Notification:
    """A message to a channel."""

    id: str
    channel: str
    status: str
    sample: bool = False
    items: int = 0
    """How many items it tells of."""
    tries: int = 0
    next_try_at: datetime | None = None
    trouble: str | None = None
    created_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Notifications:
    """The channels, and the newest messages to them."""

    channels: tuple[NotificationChannel, ...] = ()
    messages: tuple[Notification, ...] = ()
