"""Rows of channels and messages; every function joins the open transaction."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import NotificationStatus
from hephaestus_core.db.engine import database_now
from hephaestus_core.events.log import emit
from hephaestus_core.notifications.models import Channel, Notification, NotifiedItem
from hephaestus_core.notifications.states import MACHINE
from hephaestus_core.notifications.views import ChannelOrder, Delivery

_EVENTS: Final = {
    NotificationStatus.SENT: EventType.NOTIFICATION_SENT,
    NotificationStatus.FAILED: EventType.NOTIFICATION_FAILED,
}
#: After this time a message is deleted, and what it told of is forgotten if it is over.
_KEPT: Final = timedelta(days=30)
#: One writes at most so often that it has a channel configured.
_SEEN_EVERY: Final = text("interval '60 seconds'")
#: A channel that no worker has had configured for so long counts as removed.
_CONFIGURED: Final = text("interval '10 minutes'")


def see(session: Session, orders: Sequence[ChannelOrder]) -> None:
    """Store channels as they are configured; those that are unusable are failing."""
    for order in orders:
        values = {
            "type": order.type,
            "target": order.target,
            "severity": order.severity,
            "seen_at": func.now(),
        }
        if order.trouble is not None:
            values["trouble"] = order.trouble
            values["failing_since"] = func.coalesce(Channel.failing_since, func.now())
        changed = or_(
            Channel.seen_at < func.now() - _SEEN_EVERY,
            Channel.target != order.target,
            Channel.severity != order.severity,
        )
        if order.trouble is not None:
            changed |= Channel.trouble.is_distinct_from(order.trouble)
        first = {**values, "failing_since": None if order.trouble is None else func.now()}
        new = insert(Channel).values(name=order.name, **first)
        session.execute(
            new.on_conflict_do_update(index_elements=["name"], set_=values, where=changed)
        )


def to_gather(session: Session, names: Collection[str], apart: float, *, lock: bool) -> list[str]:
    """Return the channels that may get a message about items now, by name.

    That are those without a message that still has to be sent: what comes up meanwhile is in the
    next one.

    Args:
        names: of these channels.
        apart: least seconds between two messages.
        lock: lock them, and leave out those that another worker has locked.
    """
    waiting = select(Notification.id).where(
        Notification.channel == Channel.name,
        Notification.status == NotificationStatus.PENDING,
        Notification.sample.is_(False),
    )
    query = select(Channel.name).where(
        Channel.name.in_(names),
        ~waiting.exists(),
        or_(
            Channel.gathered_at.is_(None),
            Channel.gathered_at <= func.now() - timedelta(seconds=apart),
        ),
    )
    query = query.order_by(Channel.name)
    return list(session.scalars(query.with_for_update(skip_locked=True) if lock else query))


def note_items(session: Session, channel: str, item_ids: Sequence[UUID]) -> set[UUID]:
    """Note that a locked channel is told of these; returns those that it was not told of before."""
    rows = [{"channel": channel, "item_id": item_id} for item_id in item_ids]
    new = insert(NotifiedItem).on_conflict_do_nothing().returning(NotifiedItem.item_id)
    return set(session.scalars(new, rows)) if rows else set()


def add(
    session: Session, channel: str, body: dict[str, Any], *, items: int, sample: bool = False
) -> Notification:
    """Add a message that is to be sent now."""
    row = Notification(
        channel=channel,
        body=body,
        items=items,
        sample=sample,
        status=NotificationStatus.PENDING,
    )
    session.add(row)
    if not sample:
        gathered = update(Channel).where(Channel.name == channel)
        session.execute(gathered.values(gathered_at=func.now()))
    session.flush()
    return row


def forget(session: Session, item_ids: Collection[UUID]) -> None:
    """Delete old messages, and what channels were told long ago.

    Args:
        item_ids: what still waits; it is not forgotten.
    """
    limit = database_now(session) - _KEPT
    over = ~NotifiedItem.item_id.in_(item_ids)
    session.execute(delete(NotifiedItem).where(NotifiedItem.noted_at < limit, over))
    session.execute(delete(Notification).where(Notification.created_at < limit))


def due(session: Session, names: Collection[str]) -> list[str]:
    """Return those of the channels to which a message is due and nobody sends, by name."""
    query = select(Channel.name).where(Channel.name.in_(names), _is_free(), _has_due())
    return list(session.scalars(query.order_by(Channel.name)))


def take(session: Session, channel: str, seconds: float) -> Delivery | None:
    """Take a due message for one sender, for so many seconds; None: there is none to take.

    Two senders never have messages to one channel at once.
    """
    until = func.now() + timedelta(seconds=seconds)
    free = update(Channel).where(Channel.name == channel, _is_free(), _has_due())
    if session.scalar(free.values(busy_until=until).returning(Channel.name)) is None:
        return None
    first = (
        select(Notification.id)
        .where(_is_due(channel))
        .order_by(Notification.next_try_at, Notification.id)
        .limit(1)
        .scalar_subquery()
    )
    taken = update(Notification).where(Notification.id == first)
    columns = (Notification.id, Notification.channel, Notification.body, Notification.tries)
    row = session.execute(
        taken.values(tries=Notification.tries + 1, next_try_at=until).returning(*columns)
    ).one()
    return Delivery(id=row.id, channel=row.channel, body=row.body, tries=row.tries)


def lock(session: Session, notification_id: UUID) -> Notification | None:
    """Return the message, locked for update; None: it is deleted."""
    query = select(Notification).where(Notification.id == notification_id)
    return session.scalar(query.with_for_update())


def move(session: Session, row: Notification, status: NotificationStatus) -> None:
    """Turn a locked message to ``status`` and say so."""
    MACHINE.check(row.id, row.status, status)
    row.status = status
    row.ended_at = database_now(session)
    emit(
        session,
        _EVENTS[status],
        notification_id=str(row.id),
        channel=row.channel,
        tries=row.tries,
        reason=row.trouble,
    )


def release(session: Session, channel: str, trouble: str | None) -> None:
    """Let others send to the channel, and store how the last try ended."""
    since = None if trouble is None else func.coalesce(Channel.failing_since, func.now())
    values = {"busy_until": None, "trouble": trouble, "failing_since": since}
    session.execute(update(Channel).where(Channel.name == channel).values(**values))


def channels(session: Session) -> Sequence[Channel]:
    """Return the channels that a worker has configured, by name."""
    configured = Channel.seen_at > func.now() - _CONFIGURED
    return session.scalars(select(Channel).where(configured).order_by(Channel.name)).all()


def newest(session: Session, limit: int) -> Sequence[Notification]:
    """Return the newest messages, the newest first."""
    query = select(Notification).order_by(Notification.created_at.desc(), Notification.id)
    return session.scalars(query.limit(limit)).all()


def _is_free() -> Any:
    return or_(Channel.busy_until.is_(None), Channel.busy_until <= func.now())


def _has_due() -> Any:
    return select(Notification.id).where(_is_due(Channel.name)).exists()


def _is_due(channel: Any) -> Any:
    return (
        (Notification.channel == channel)
        & (Notification.status == NotificationStatus.PENDING)
        & (Notification.next_try_at <= func.now())
    )
