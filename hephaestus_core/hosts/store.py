"""Host rows for use cases of other capabilities; every function joins the open transaction."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hephaestus_core.bells import CONTROL_QUEUE, Bell, CeleryTaskName
from hephaestus_core.contract.errors import NotFound
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.programs import BUILT_IN_PROGRAMS
from hephaestus_core.contract.statuses import HostStatus
from hephaestus_core.db.engine import ring
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.bearers import check_name
from hephaestus_core.hosts.models import Host
from hephaestus_core.hosts.states import MACHINE

_EVENTS: Final = {HostStatus.ACTIVE: EventType.HOST_RECOVERED, HostStatus.LOST: EventType.HOST_LOST}


def get(session: Session, name: str, *, lock: bool = False) -> Host:
    """Return the host, locked for update if ``lock``.

    Raises:
        NotFound: no host of that name has ever registered.
    """
    held = {"key_share": True} if lock else None
    host = session.get(Host, name, populate_existing=True, with_for_update=held)
    if host is None:
        known = ", ".join(session.scalars(select(Host.name).order_by(Host.name)))
        raise NotFound(f"No host {name!r}; registered: {known or 'none'}.", field="name")
    return host


def renew(
    session: Session, name: str, lease_seconds: float, *, worker_id: UUID | None = None
) -> None:
    """Record a heartbeat; a lost host is active again.

    Raises:
        HostNameTaken: another worker than ``worker_id`` bears the name.
    """
    host = get(session, name, lock=True)
    if worker_id is not None:
        check_name(host, worker_id)
    if host.status == HostStatus.LOST:
        move(session, host, HostStatus.ACTIVE)
        host.canary_sent_at = None  # it was heard by nobody while the host was away
    host.last_seen_at, host.suspect_since = func.now(), None
    host.lease_expires_at = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, lease_seconds)
    session.flush()


def move(session: Session, host: Host, status: HostStatus, **reported: Any) -> None:
    """Turn a locked host to ``status`` and say so.

    Args:
        reported: values that go into the event, JSON only.

    Raises:
        TransitionRefused: the table of states has no such edge.
    """
    MACHINE.check(host.name, host.status, status)
    host.status = status
    emit(session, _EVENTS[status], host=host.name, **reported)


def note_programs(
    session: Session, name: str, programs: Sequence[str], without_login: Sequence[str]
) -> None:
    """Store the host's programs, and which of them have no login, if they have changed."""
    host = get(session, name)
    if host.programs_without_login != list(without_login):
        host.programs_without_login = list(without_login)
    if host.programs != list(programs):
        host.programs = list(programs)
        emit(session, EventType.HOST_PROGRAMS_CHANGED, host=name, programs=host.programs)


def known_programs(session: Session) -> set[str]:
    """Return the names of all agent programs: the built-in ones, and those of any host."""
    reported = session.scalars(select(func.unnest(Host.programs)).distinct())
    return {*BUILT_IN_PROGRAMS, *reported}


def offered_programs(session: Session) -> set[str]:
    """Return the names of the agent programs that live hosts have installed."""
    alive = (Host.status == HostStatus.ACTIVE, Host.draining.is_(False))
    return set(session.scalars(select(func.unnest(Host.programs)).where(*alive).distinct()))


def ring_all(session: Session) -> None:
    """Ring every live host after the commit: there may be work to claim.

    It is one bell, and the worker that hears it rings the hosts. So adding a task needs no list of
    hosts, and a thousand tasks do not ring every host a thousand times.
    """
    ring(session, Bell(CeleryTaskName.RECONCILE_HOSTS, CONTROL_QUEUE))


def lock_silent(session: Session) -> list[Host]:
    """Return the active hosts with an expired lease, locked; hosts locked elsewhere are skipped."""
    query = (
        select(Host)
        .where(Host.status == HostStatus.ACTIVE, Host.lease_expires_at < func.now())
        .order_by(Host.name)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def mark_lost(session: Session, name: str, *, attempts: int) -> bool:
    """Mark the host lost; False if it has given a heartbeat, or another sweep was first."""
    query = select(Host).where(
        Host.name == name, Host.status == HostStatus.ACTIVE, Host.suspect_since.is_not(None)
    )
    host = session.scalar(query.with_for_update())
    if host is None:
        return False
    move(session, host, HostStatus.LOST, attempts=attempts)
    return True
