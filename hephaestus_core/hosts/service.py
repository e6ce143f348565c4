"""Use cases of hosts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.bells import reconcile_bell
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.contract.statuses import Containment, FaultCause, Health, HostStatus
from hephaestus_core.contract.texts import NAME_LIMIT, plain_text, plain_texts
from hephaestus_core.db.engine import Database, ring
from hephaestus_core.events.log import emit
from hephaestus_core.hosts import faults, orphans, store
from hephaestus_core.hosts.bearer import Bearer
from hephaestus_core.hosts.bearers import take_name
from hephaestus_core.hosts.models import Host, HostFault
from hephaestus_core.hosts.orphans import OrphanView


@dataclass(frozen=True)
class HostFaultView:
    """A fault by which a host is unwell."""

    cause: FaultCause
    repository: str | None
    """The only repository that it concerns; None: it concerns them all."""
    reason: str
    failed_at: datetime
    """Time of the newest failure."""
    next_try_at: datetime | None
    """When the host tries to start an agent again; None: once it has space or memory."""


@dataclass(frozen=True)
class HostView:
    """A host as readers see it."""

    name: str
    status: HostStatus
    slots: int
    labels: list[str]
    programs: list[str]
    programs_without_login: list[str]
    """Those of them that the host's user has no login for, as far as files tell."""
    containment: Containment | None
    """How it holds the processes of agents; None: its worker has not said."""
    containment_obstacle: str | None
    """Why it has no stronger one, and the remedy."""
    agents_contained: bool | None
    """Whether each agent reaches its own files only; None: its worker has not said."""
    draining: bool
    registered_at: datetime
    last_seen_at: datetime
    lease_expires_at: datetime
    clock_ahead_seconds: float | None
    """By how much its clock is ahead of the database's; less than 0: behind; None: not known."""
    clock_wrong: bool
    """That is too much."""
    swept_at: datetime | None
    """When the Guardian last looked at its agents; None: it has not yet."""
    sweep_alarm: str | None
    """Why its agents are not watched as they should be; None: they are."""
    canary_heard_at: datetime | None
    """When a bell that is sent every 15 s last came out of its queue; None: not yet."""
    canary_alarm: str | None
    """Why bells do not seem to reach it; None: they do."""
    judge_outcome: LlmOutcome | None
    """The outcome of its last calls by which a model judges agents; None: it has made none."""
    judge_detail: str | None
    """Why not all of them were answered, so that only rules judge; None: they were."""
    health: Health
    """Unwell: it claims nothing, whatever the repository."""
    faults: list[HostFaultView]
    """Those that keep it from claiming tasks, of one repository or of all."""
    orphans: list[OrphanView]
    """What is on it though no live row of the database claims it, the newest first."""


def register(
    db: Database,
    name: str,
    *,
    slots: int,
    labels: Sequence[str],
    lease_seconds: float,
    programs: Sequence[str] = (),
    without_login: Sequence[str] = (),
    most_in_system: int | None = None,
    bearer: Bearer | None = None,
    containment: Containment | None = None,
    containment_obstacle: str | None = None,
) -> None:
    """Register a host with its slots, labels and programs.

    Its draining, and labels given by a person, survive a restart of its worker. An unwell host
    tries a start at once.

    Args:
        without_login: programs that the host's user has no login for.
        bearer: the worker that takes the name.
        containment: how the host holds the processes of agents.
        containment_obstacle: why it has no stronger one.

    Raises:
        HostNameTaken: another worker bears it.
    """
    offered: dict[str, Any] = {"slots": slots, "labels": list(labels), "programs": list(programs)}
    columns = {
        "slots": slots,
        "most_in_system": most_in_system,
        "labels_offered": offered["labels"],
        "programs": offered["programs"],
        "programs_without_login": list(without_login),
        "containment": containment,
        "containment_obstacle": containment_obstacle,
        # What was sent to the worker before it is no sign of this one.
        "canary_sent_at": None,
    }
    with db.transaction() as session:
        row = insert(Host).values(
            name=name,
            status=HostStatus.ACTIVE,
            draining=False,
            lease_expires_at=func.now(),
            **columns,
        )
        session.execute(row.on_conflict_do_update(index_elements=["name"], set_=columns))
        if bearer is not None:
            take_name(session, store.get(session, name, lock=True), bearer)
        store.renew(session, name, lease_seconds)
        faults.try_now(session, name)
        emit(session, EventType.HOST_REGISTERED, host=name, **offered)


def list_hosts(db: Database) -> list[HostView]:
    """Return all hosts, by name."""
    with db.snapshot() as session:
        hosts = session.scalars(select(Host).order_by(Host.name)).all()
        known = faults.unwell(session)
        left = orphans.views_of(session)
    return [
        _view(host, [each for each in known if each.host == host.name], left.get(host.name, []))
        for host in hosts
    ]


def record_shortage(db: Database, name: str, cause: FaultCause, shortage: str | None) -> None:
    """Record what the host found of its disk or its memory, before it claims.

    Args:
        cause: which of them.
        shortage: what is short, in words; None: nothing is.
    """
    with db.transaction() as session:
        faults.note_shortage(session, name, cause, shortage)


def set_drain(db: Database, name: str, *, drain: bool) -> HostView:
    """Drain a host, which then finishes its work and claims none, or end the draining.

    The end of the draining lets an unwell host try a start at once.

    Raises:
        NotFound: no such host.
    """
    with db.transaction() as session:
        host = store.get(session, name)
        host.draining = drain
        if not drain:
            faults.try_now(session, name)
        emit(session, EventType.HOST_DRAINED if drain else EventType.HOST_RESUMED, host=name)
        ring(session, reconcile_bell(name))
        session.flush()
        return _shown(session, host)


def set_labels(db: Database, name: str, labels: Sequence[str] | None) -> HostView:
    """Give a host labels in place of those that its worker offers.

    Args:
        labels: None takes them back: those of its worker count again.

    Raises:
        NotFound: no such host.
        InvalidInput: an invalid label, or too many.
    """
    given = None if labels is None else _checked(labels)
    with db.transaction() as session:
        host = store.get(session, name)
        host.labels_set = given
        emit(session, EventType.HOST_LABELLED, host=name, labels=given)
        ring(session, reconcile_bell(name))
        session.flush()
        return _shown(session, host)


def _checked(labels: Sequence[str]) -> list[str]:
    for number, label in enumerate(labels):
        plain_text(label, f"labels[{number}]", limit=NAME_LIMIT, required=True)
    return list(dict.fromkeys(plain_texts(labels, "labels")))


def _contains(containment: Containment | None) -> bool | None:
    return None if containment is None else containment == Containment.SANDBOX


def _shown(session: Session, host: Host) -> HostView:
    left = orphans.views_of(session, host.name)
    return _view(host, faults.unwell(session, host.name), left.get(host.name, []))


def _view(host: Host, known: Sequence[HostFault], left: list[OrphanView]) -> HostView:
    everywhere = any(not fault.repository for fault in known)
    return HostView(
        name=host.name,
        status=host.status,
        slots=host.slots,
        labels=host.labels,
        programs=host.programs,
        programs_without_login=host.programs_without_login,
        containment=host.containment,
        containment_obstacle=host.containment_obstacle,
        agents_contained=_contains(host.containment),
        draining=host.draining,
        registered_at=host.registered_at,
        last_seen_at=host.last_seen_at,
        lease_expires_at=host.lease_expires_at,
        clock_ahead_seconds=host.clock_ahead_seconds,
        clock_wrong=host.clock_wrong_since is not None,
        swept_at=host.swept_at,
        sweep_alarm=host.sweep_alarm,
        canary_heard_at=host.canary_heard_at,
        canary_alarm=host.canary_alarm,
        judge_outcome=host.judge_outcome,
        judge_detail=host.judge_detail,
        health=Health.UNWELL if everywhere else Health.WELL,
        faults=[
            HostFaultView(
                cause=fault.cause,
                repository=fault.repository or None,
                reason=fault.reason,
                failed_at=fault.failed_at,
                next_try_at=fault.next_try_at,
            )
            for fault in known
        ],
        orphans=left,
    )
