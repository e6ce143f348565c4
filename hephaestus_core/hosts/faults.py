"""Faults of hosts; every function joins the open transaction, and takes its locks last."""

from datetime import datetime
from random import random
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.bells import reconcile_bell
from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import FaultCause, Health
from hephaestus_core.db.engine import database_now, ring
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.health import Standing, after_failed_start
from hephaestus_core.hosts.models import HostFault
from hephaestus_core.hosts.states import HEALTH

#: Causes that the host measures, and that no start of an agent disproves.
_MEASURED: Final = (FaultCause.DISK, FaultCause.MEMORY)
_EVENTS: Final = {Health.UNWELL: EventType.HOST_UNWELL, Health.WELL: EventType.HOST_WELL}


def note_failed_start(
    session: Session, host: str, reason: str, *, repository: str | None, started_at: datetime
) -> None:
    """Record that the host failed a start by its own fault; it may be unwell from now on.

    Args:
        repository: the only repository that the fault concerns, if it concerns one only.
        started_at: when the start began.
    """
    cause = FaultCause.REPOSITORY if repository else FaultCause.STARTS
    fault = _locked(session, host, cause, repository or "")
    before = Standing(fault.status, fault.failures, fault.failed_at, fault.next_try_at)
    now = database_now(session)
    after = after_failed_start(before, started_at=started_at, now=now, jitter=random())
    fault.reason = reason
    fault.failures, fault.failed_at = after.failures, after.failed_at or now
    fault.next_try_at = after.next_try_at
    if after.status != before.status:
        next_try_at = after.next_try_at and rfc3339(after.next_try_at)
        _move(session, fault, after.status, reason=reason, next_try_at=next_try_at)


def note_good_start(session: Session, host: str, repository: str) -> None:
    """Record that the host has started an agent: it is well, as a whole and on the repository."""
    query = (
        select(HostFault)
        .where(
            HostFault.host == host,
            HostFault.cause.not_in(_MEASURED),
            HostFault.repository.in_(["", repository]),
        )
        .order_by(HostFault.cause)
        .with_for_update()
    )
    for fault in session.scalars(query):
        _end(session, fault)


def note_shortage(session: Session, host: str, cause: FaultCause, shortage: str | None) -> None:
    """Record what the host found of its disk or its memory.

    Args:
        cause: which of them.
        shortage: what is short, in words; None: nothing is, and a start is tried at once.
    """
    if shortage is not None:
        fault = _locked(session, host, cause, "")
        fault.reason = shortage
        if fault.status == Health.WELL:
            _move(session, fault, Health.UNWELL, reason=shortage)
        return
    key = {"host": host, "cause": cause, "repository": ""}
    full = session.get(HostFault, key, with_for_update=True)
    if full is not None:
        _end(session, full)
        try_now(session, host)


def try_now(session: Session, host: str) -> None:
    """Let an unwell host try a start at once: a person or a new worker may have mended it."""
    query = (
        select(HostFault)
        .where(HostFault.host == host, HostFault.next_try_at > func.now())
        .order_by(HostFault.cause, HostFault.repository)
        .with_for_update()
    )
    for fault in session.scalars(query):
        fault.next_try_at = func.now()


def unwell(session: Session, host: str | None = None) -> list[HostFault]:
    """Return the faults by which hosts are unwell, of one host or of all."""
    query = select(HostFault).where(HostFault.status == Health.UNWELL)
    if host is not None:
        query = query.where(HostFault.host == host)
    order = (HostFault.host, HostFault.repository, HostFault.cause)
    return list(session.scalars(query.order_by(*order)))


def _locked(session: Session, host: str, cause: FaultCause, repository: str) -> HostFault:
    """Return the locked row, made now if there is none."""
    key = {"host": host, "cause": cause, "repository": repository}
    new = {"status": Health.WELL, "reason": "", "failures": 0, "failed_at": func.now()}
    session.execute(insert(HostFault).values(**key, **new).on_conflict_do_nothing())
    return session.get_one(HostFault, key, with_for_update=True, populate_existing=True)


def _end(session: Session, fault: HostFault) -> None:
    if fault.status == Health.UNWELL:
        _move(session, fault, Health.WELL)
        ring(session, reconcile_bell(fault.host))
    session.delete(fault)


def _move(session: Session, fault: HostFault, status: Health, **reported: Any) -> None:
    HEALTH.check(fault.host, fault.status, status)
    fault.status = status
    fault.unwell_since = database_now(session) if status == Health.UNWELL else None
    reported |= {"cause": fault.cause, "repository": fault.repository or None}
    emit(session, _EVENTS[status], host=fault.host, **reported)
