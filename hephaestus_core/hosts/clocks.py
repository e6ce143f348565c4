"""The clock of a host, compared with the database's; the functions join the open transaction."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hephaestus_core.clock import host_seconds
from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import database_now
from hephaestus_core.events.log import emit
from hephaestus_core.hosts import rules, store


def measure(session: Session) -> float | None:
    """Return by how many seconds this machine's clock is ahead; None if it cannot be told now."""
    asked_at = host_seconds()
    there = session.scalars(select(func.clock_timestamp())).one()
    return rules.clock_ahead(asked_at, there.timestamp(), host_seconds())


def note(session: Session, name: str, ahead: float) -> None:
    """Store the difference of a host's clock; the beginning and the end of an error are events."""
    host = store.get(session, name, lock=True)
    host.clock_ahead_seconds = round(ahead, 3)
    was_wrong = host.clock_wrong_since is not None
    wrong = rules.is_clock_wrong(ahead, was_wrong=was_wrong)
    if wrong == was_wrong:
        return
    host.clock_wrong_since = database_now(session) if wrong else None
    type_ = EventType.HOST_CLOCK_WRONG if wrong else EventType.HOST_CLOCK_RIGHT
    emit(session, type_, host=name, ahead_seconds=host.clock_ahead_seconds)
