"""Use cases of notifications. The list itself says what is to be told; here is what was told."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any, Final, TypeVar

from hephaestus_core.attention.service import inbox
from hephaestus_core.attention.views import AttentionView
from hephaestus_core.bells import CONTROL_QUEUE, Bell, CeleryTaskName
from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.errors import Conflict, NotFound
from hephaestus_core.contract.statuses import NotificationStatus
from hephaestus_core.db.engine import Database, database_now, ring
from hephaestus_core.notifications import rules, store
from hephaestus_core.notifications.views import (
    ChannelOrder,
    ChannelView,
    Delivery,
    NotificationsView,
    NotificationView,
    Outcome,
)

#: The bell that has due messages sent.
BELL: Final = Bell(CeleryTaskName.NOTIFY, CONTROL_QUEUE)
#: Seconds for which a message is left to its sender. A try takes less; the sender of one that
#: lasts longer is dead.
LEASE_SECONDS: Final = 60.0
#: Messages that readers are shown.
_SHOWN: Final = 50
_Shape = TypeVar("_Shape")


def see(db: Database, orders: Sequence[ChannelOrder]) -> None:
    """Store the channels that this process has configured."""
    with db.transaction() as session:
        store.see(session, orders)


def gather(db: Database, severities: Mapping[str, str], *, apart: float, base_url: str) -> None:
    """Make messages of what the channels have not been told yet, one for each channel.

    Args:
        db: the database.
        severities: by name of channel, the least severity of what it is told.
        apart: least seconds between two messages to one channel.
        base_url: of the links.
    """
    with db.reading() as session:
        names = store.to_gather(session, [*severities], apart, lock=False)
    if not names:
        return
    items = inbox(db).items
    with db.transaction() as session:
        at = rfc3339(database_now(session))
        for name in store.to_gather(session, names, apart, lock=True):
            told = rules.told(items, severities[name])
            new = store.note_items(session, name, [item.id for item in told])
            fresh: list[AttentionView] = [item for item in told if item.id in new]
            if fresh:
                body = rules.items_body(fresh, at=at, base_url=base_url)
                store.add(session, name, body, items=len(fresh))
                store.forget(session, [item.id for item in items])


def due(db: Database, names: Sequence[str]) -> list[str]:
    """Return those of the channels to which a message is due and nobody sends."""
    with db.reading() as session:
        return store.due(session, names)


def take(db: Database, channel: str) -> Delivery | None:
    """Take a due message to send it; for a minute no other sender gets one of this channel."""
    with db.transaction() as session:
        return store.take(session, channel, LEASE_SECONDS)


def settle(db: Database, delivery: Delivery, outcome: Outcome) -> None:
    """Record how a try ended. That of a sender whose time was over counts only if it was taken."""
    with db.transaction() as session:
        row = store.lock(session, delivery.id)
        if row is None or row.status != NotificationStatus.PENDING:
            return
        late = row.tries != delivery.tries
        if late and outcome.trouble is not None:
            return
        row.trouble = outcome.trouble
        if outcome.trouble is None:
            store.move(session, row, NotificationStatus.SENT)
        else:
            pause = rules.pause_after(outcome, row.tries, sample=row.sample, chance=random.random())
            if pause is None:
                store.move(session, row, NotificationStatus.FAILED)
            else:
                row.next_try_at = database_now(session) + timedelta(seconds=pause)
        if not late:
            store.release(session, row.channel, outcome.trouble)


def add_samples(db: Database, *, by: str, channel: str | None = None) -> list[NotificationView]:
    """Have a trial sent to each channel, or to one.

    Raises:
        NotFound: there is no channel of this name.
        Conflict: no worker has a channel configured.
    """
    with db.transaction() as session:
        names = [row.name for row in store.channels(session)]
        if channel is not None and channel not in names:
            raise NotFound(f"There is no channel '{channel}'; known: {', '.join(names) or 'none'}.")
        if not names:
            raise Conflict(
                "No worker has a channel configured; add one to notification_channels and "
                "restart the stack."
            )
        body = rules.sample_body(by, at=rfc3339(database_now(session)))
        wanted = names if channel is None else [channel]
        rows = [store.add(session, name, body, items=0, sample=True) for name in wanted]
        ring(session, BELL)
        return [_seen(NotificationView, row) for row in rows]


def notifications(db: Database) -> NotificationsView:
    """Return the channels, and the newest messages to them."""
    with db.snapshot() as session:
        return NotificationsView(
            channels=[_seen(ChannelView, row) for row in store.channels(session)],
            messages=[_seen(NotificationView, row) for row in store.newest(session, _SHOWN)],
        )


def _seen(shape: type[_Shape], row: Any) -> _Shape:
    return shape(**{f.name: getattr(row, f.name) for f in fields(shape)})  # type: ignore[arg-type]
