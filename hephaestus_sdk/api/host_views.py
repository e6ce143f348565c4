"""What the API tells of hosts."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class HostFault:
    """A fault by which a host is unwell."""

    cause: str
    """disk, memory, starts or repository."""
    repository: str | None = None
    """The only repository that it concerns; None: it concerns them all."""
    reason: str = ""
    failed_at: datetime | None = None
    """Time of the newest failure."""
    next_try_at: datetime | None = None
    """When the host tries to start an agent again; None: once it has space or memory."""


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """Something on a host that no live row of the database claims."""

    kind: str
    """session, process, worktree, branch or mirror."""
    name: str
    status: str = ""
    """found; quarantined: stopped or moved aside, and deleted after ``orphan_days``."""
    why: str = ""
    place: str = ""
    """Where it, or its log, is on the host."""
    size: int | None = None
    """Its bytes when it was found; None: not known."""
    found_at: datetime | None = None
    obstacle: str | None = None
    """Why its last step failed; None: it did not."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """A machine that runs agents."""

    name: str
    status: str = ""
    slots: int = 0
    """Most live agents on it."""
    labels: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    """Installed agent programs."""
    programs_without_login: tuple[str, ...] = ()
    """Those of them that the host's user has no login for, as far as files tell."""
    containment: str | None = None
    """How it holds the processes of agents: a :class:`Containment`; None: not known."""
    containment_obstacle: str | None = None
    """Why it has no stronger one, and the remedy."""
    agents_contained: bool | None = None
    """Whether each agent reaches its own files only; None: not known."""
    draining: bool = False
    """It gets no new agents."""
    registered_at: datetime | None = None
    last_seen_at: datetime | None = None
    lease_expires_at: datetime | None = None
    """Until when it keeps its agents without a heartbeat."""
    clock_ahead_seconds: float | None = None
    """By how much its clock is ahead of the database's; less than 0: behind; None: not known."""
    clock_wrong: bool = False
    """That is too much: it is to be set right."""
    swept_at: datetime | None = None
    """When the Guardian last looked at its agents."""
    sweep_alarm: str | None = None
    """Why its agents are not watched as they should be; None: they are."""
    canary_heard_at: datetime | None = None
    """When a bell that is sent every 15 s last came out of its queue; None: not yet."""
    canary_alarm: str | None = None
    """Why bells do not seem to reach it; None: they do."""
    judge_outcome: str | None = None
    """The outcome of its last calls by which a model judges agents; None: it has made none."""
    judge_detail: str | None = None
    """Why not all of them were answered, so that only rules judge; None: they were."""
    health: str = ""
    """well; unwell: it failed by itself, and claims no task for now."""
    faults: tuple[HostFault, ...] = ()
    """Those that keep it from claiming tasks, of one repository or of all."""
    orphans: tuple[Orphan, ...] = ()
    """What is on it though no live row of the database claims it, the newest first."""
