"""Canaries: bells that show whether the queue of each host is really consumed.

A worker sends one to every live host by way of the broker, and each host notes what comes out of
its own queue. Signs of life cannot show this: they go to the database, past the broker.
"""

from datetime import timedelta

from sqlalchemy import func, or_, select, update

from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import HostStatus
from hephaestus_core.db.engine import Database, database_now, ring
from hephaestus_core.events.log import emit
from hephaestus_core.hosts import rules, store
from hephaestus_core.hosts.models import Host


def send(db: Database) -> None:
    """Send a canary to every live host; those of a host that has not heard the last one count on.

    So :attr:`Host.canary_sent_at` is the time of the oldest canary that is not heard.
    """
    heard = or_(
        Host.canary_sent_at.is_(None),
        Host.canary_heard_at >= Host.canary_sent_at,
    )
    live = Host.status == HostStatus.ACTIVE
    with db.transaction() as session:
        session.execute(update(Host).where(live, heard).values(canary_sent_at=func.now()))
        for name in session.scalars(select(Host.name).where(live).order_by(Host.name)):
            ring(session, Bell(CeleryTaskName.CANARY, host_queue(name)))


def record_heard(db: Database, name: str) -> None:
    """Record that a canary came out of the host's queue; its alarm is over."""
    with db.transaction() as session:
        host = store.get(session, name, lock=True)
        host.canary_heard_at = database_now(session)
        if host.canary_alarm is not None:
            host.canary_alarm, host.canary_alarm_since = None, None
            emit(session, EventType.HOST_HEARS, host=name)


def find_late(db: Database) -> list[str]:
    """Raise the alarm for each live host that has not heard its canary for too long.

    Returns the names of these hosts. A host without a sign of life is told of as silent, not here.
    """
    patience = timedelta(seconds=rules.CANARY_PATIENCE)
    late = select(Host).where(
        Host.status == HostStatus.ACTIVE,
        Host.lease_expires_at > func.now(),
        Host.canary_sent_at < func.now() - patience,
        or_(Host.canary_heard_at.is_(None), Host.canary_heard_at < Host.canary_sent_at),
    )
    with db.transaction() as session:
        found = list(session.scalars(late.order_by(Host.name).with_for_update(key_share=True)))
        for host in found:
            if host.canary_alarm is None:
                host.canary_alarm = rules.late_canary()
                host.canary_alarm_since = database_now(session)
                emit(session, EventType.HOST_DEAF, host=host.name, reason=host.canary_alarm)
        return [host.name for host in found]
