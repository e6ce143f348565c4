"""Machines that run agents."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Computed, ForeignKey, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.contract.statuses import (
    Containment,
    FaultCause,
    Health,
    HostStatus,
    OrphanKind,
    OrphanStatus,
)
from hephaestus_core.db.base import Base, WordOf, one_of


class Host(Base):
    """A machine, by its name, alive while its lease is renewed."""

    __tablename__ = "hosts"
    __table_args__ = (
        one_of("status", HostStatus),
        one_of("containment", Containment),
        one_of("judge_outcome", LlmOutcome),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[HostStatus]
    slots: Mapped[int]
    most_in_system: Mapped[int | None]
    """How many agents may live in the whole system before it claims no more; None: any number."""
    labels_offered: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """By its worker."""
    labels_set: Mapped[list[str] | None]
    """By a person, in place of those."""
    labels: Mapped[list[str]] = mapped_column(Computed("coalesce(labels_set, labels_offered)"))
    """The labels that count."""
    programs: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Agent programs that are installed there."""
    programs_without_login: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Those of them that the host's user has no login for, as far as files tell."""
    containment: Mapped[Containment | None]
    """How it holds the processes of agents; None: its worker has not said."""
    containment_obstacle: Mapped[str | None]
    """Why it has no stronger one, in the words of the programs that refused."""
    worker_id: Mapped[UUID | None]
    """The worker process that bears the name."""
    worker_place: Mapped[str | None]
    """The lock that it holds; see :mod:`hephaestus_core.hosts.bearers`."""
    draining: Mapped[bool]
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_expires_at: Mapped[datetime]
    suspect_since: Mapped[datetime | None]
    """First sweep that found the lease expired; a second one makes the host lost."""
    clock_ahead_seconds: Mapped[float | None]
    """By how much its clock is ahead of the database's, at the last heartbeat that told."""
    clock_wrong_since: Mapped[datetime | None]
    """Since when that is too much; None: it is not."""
    swept_at: Mapped[datetime | None]
    """End of the newest sweep of the Guardian over its agents."""
    sweep_alarm: Mapped[str | None]
    """Why its agents are not watched as they should be; None: they are."""
    sweep_alarm_since: Mapped[datetime | None]
    canary_sent_at: Mapped[datetime | None]
    """Time of the oldest canary that it has not heard, or of the last one that it has."""
    canary_heard_at: Mapped[datetime | None]
    """When a canary last came out of its queue."""
    canary_alarm: Mapped[str | None]
    """Why bells do not seem to reach it; None: they do."""
    canary_alarm_since: Mapped[datetime | None]
    judge_outcome: Mapped[LlmOutcome | None] = mapped_column(WordOf(LlmOutcome))
    """The outcome of its last calls by which a model judges agents; None: it has made none."""
    judge_detail: Mapped[str | None]
    """Why not all of them were answered; None: they were."""


class HostFault(Base):
    """Failures of a host by its own fault. The row is deleted once a start goes well."""

    __tablename__ = "host_faults"
    __table_args__ = (one_of("cause", FaultCause), one_of("status", Health))

    host: Mapped[str] = mapped_column(ForeignKey("hosts.name"), primary_key=True)
    cause: Mapped[FaultCause] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(primary_key=True)
    """The only repository that the fault concerns; empty: it concerns them all."""
    status: Mapped[Health]
    unwell_since: Mapped[datetime | None]
    """None: the host is well as yet."""
    reason: Mapped[str]
    """Of the newest failure."""
    failures: Mapped[int]
    """Failed starts in a row."""
    failed_at: Mapped[datetime]
    """Time of the newest failure that counted."""
    next_try_at: Mapped[datetime | None]
    """When an unwell host may try one start; None: not before the fault is over."""


class Orphan(Base):
    """Something on a host that no live row claims; its own row is deleted once it is gone."""

    __tablename__ = "orphans"
    __table_args__ = (
        UniqueConstraint("host", "kind", "name"),
        one_of("kind", OrphanKind),
        one_of("status", OrphanStatus),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    host: Mapped[str] = mapped_column(ForeignKey("hosts.name"))
    kind: Mapped[OrphanKind]
    name: Mapped[str]
    """The id of an agent or a worktree, the folder of a mirror, or that with a branch."""
    status: Mapped[OrphanStatus]
    place: Mapped[str]
    """Where it is, or where its log is."""
    size: Mapped[int | None]
    """Its bytes when it was found; None: it has none, or they are not known."""
    found_at: Mapped[datetime] = mapped_column(server_default=func.now())
    waited: Mapped[float] = mapped_column(server_default=text("0"))
    """Seconds for which its host saw it with this status, by no clock that can be set."""
    obstacle: Mapped[str | None]
    """Why its last step failed; None: it did not."""
