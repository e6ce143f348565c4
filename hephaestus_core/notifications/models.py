"""Channels, messages to them, and the items that they have been told."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import NotificationStatus
from hephaestus_core.db.base import Base, one_of


class Channel(Base):
    """A channel as a worker last had it configured; its secrets are not here."""

    __tablename__ = "notification_channels"

    name: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    target: Mapped[str]
    """Where it leads to, fit to be shown."""
    severity: Mapped[str]
    """The least severity of what is sent there."""
    seen_at: Mapped[datetime]
    """When a worker last had it configured."""
    gathered_at: Mapped[datetime | None]
    """When the newest message about items was made."""
    busy_until: Mapped[datetime | None]
    """Until when one worker may send to it; null: nobody sends."""
    failing_since: Mapped[datetime | None]
    trouble: Mapped[str | None]
    """Why the last try failed, or why it cannot be used; null: it works, as far as is known."""


class Notification(Base):
    """A message to a channel. Its id is the key by which a receiver knows a second delivery."""

    __tablename__ = "notifications"
    __table_args__ = (
        one_of("status", NotificationStatus),
        Index(
            "ix_notifications_pending",
            *("channel", "next_try_at"),
            postgresql_where=sql("status = 'pending'"),
        ),
        Index("ix_notifications_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    channel: Mapped[str]
    sample: Mapped[bool]
    """A trial that a person asked for: it is tried once."""
    items: Mapped[int]
    """How many items it tells of."""
    body: Mapped[dict[str, Any]]
    """The same at each try."""
    status: Mapped[NotificationStatus]
    tries: Mapped[int] = mapped_column(server_default=sql("0"))
    next_try_at: Mapped[datetime] = mapped_column(server_default=func.now())
    trouble: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]


class NotifiedItem(Base):
    """An item that a message to a channel tells of; there is no second message about it."""

    __tablename__ = "notified_items"

    channel: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    noted_at: Mapped[datetime] = mapped_column(server_default=func.now())
