"""Host rows for use cases of other capabilities; every function joins the open transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hephaestus_core.bells import CONTROL_QUEUE, Bell, CeleryTaskName
from hephaestus_core.contract.errors import NotFound
from hephaestus_core.contract.programs import BUILT_IN_PROGRAMS
from hephaestus_core.db.engine import ring
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.models import Host


def get(session: Session, name: str) -> Host:
    """Return the host.

    Raises:
        NotFound: no host of that name has ever registered.
    """
    host = session.get(Host, name, populate_existing=True)
    if host is None:
        known = ", ".join(session.scalars(select(Host.name).order_by(Host.name)))
        raise NotFound(f"No host {name!r}; registered: {known or 'none'}.", field="name")
    return host


def renew(session: Session, name: str, lease_seconds: float) -> datetime:
    """Record a sign of life; a lost host is active again. Returns the end of the new lease."""
    host = get(session, name)
    if host.status == "lost":
        emit(session, "host.recovered", host=name)
    expiry: Any = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, lease_seconds)
    session.execute(
        update(Host)
        .where(Host.name == name)
        .values(
            status="active", last_seen_at=func.now(), lease_expires_at=expiry, suspect_since=None
        )
    )
    session.refresh(host)
    return host.lease_expires_at


def note_programs(session: Session, name: str, programs: Sequence[str]) -> None:
    """Keep which programs the host has, where that has changed."""
    host = get(session, name)
    if host.programs != list(programs):
        host.programs = list(programs)
        emit(session, "host.programs_changed", host=name, programs=host.programs)


def known_programs(session: Session) -> set[str]:
    """Return the names of all agent programs: the built-in ones, and what any host has."""
    reported = session.scalars(select(func.unnest(Host.programs)).distinct())
    return {*BUILT_IN_PROGRAMS, *reported}


def ring_all(session: Session) -> None:
    """Wake every live host after the commit: there may be work to claim.

    One bell, whichever worker hears it knows the hosts: so nobody who only adds a task asks for
    them, and a thousand tasks added at once do not ring every host a thousand times.
    """
    ring(session, Bell(CeleryTaskName.RECONCILE_HOSTS, CONTROL_QUEUE))


def lock_silent(session: Session) -> list[Host]:
    """Return the active hosts whose lease has run out, locked; those locked elsewhere are left."""
    query = (
        select(Host)
        .where(Host.status == "active", Host.lease_expires_at < func.now())
        .order_by(Host.name)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def mark_lost(session: Session, name: str, *, attempts: int) -> bool:
    """Note that the host is lost; False where it gave a sign of life, or another sweep did that."""
    query = select(Host).where(
        Host.name == name, Host.status == "active", Host.suspect_since.is_not(None)
    )
    host = session.scalar(query.with_for_update())
    if host is None:
        return False
    host.status = "lost"
    emit(session, "host.lost", host=name, attempts=attempts)
    return True
