"""Notifications as readers and senders see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hephaestus_core.contract.statuses import NotificationStatus


@dataclass(frozen=True, kw_only=True)
class ChannelOrder:
    """A channel as a worker has it configured."""

    name: str
    type: str
    target: str
    severity: str
    trouble: str | None = None
    """Why it cannot be used; None: it can."""


@dataclass(frozen=True, kw_only=True)
class ChannelView:
    """A channel that notifications go to; times are UTC."""

    name: str
    type: str
    """webhook or apprise."""
    target: str
    """Where it leads to, without secrets."""
    severity: str
    """The least severity of what is sent there."""
    seen_at: datetime
    """When a worker last had it configured."""
    failing_since: datetime | None
    trouble: str | None
    """Why the last try failed, or why it cannot be used."""


@dataclass(frozen=True, kw_only=True)
class NotificationView:
    """A message to a channel."""

    id: UUID
    channel: str
    sample: bool
    """A trial that a person asked for."""
    items: int
    """How many items it tells of."""
    status: NotificationStatus
    tries: int
    next_try_at: datetime
    trouble: str | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class NotificationsView:
    """The channels, and the newest messages to them."""

    channels: list[ChannelView]
    messages: list[NotificationView]


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message that one sender may send now."""

    id: UUID
    channel: str
    body: Mapping[str, Any]
    tries: int
    """This one included; it tells this sender from a later one."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a try to send ended."""

    trouble: str | None = None
    """Why the channel did not take it; None: it did."""
    again: bool = True
    """Whether another try may help."""
    retry_after: float | None = None
    """Seconds that the receiver asks for."""
