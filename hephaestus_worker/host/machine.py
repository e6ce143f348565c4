"""One host as its worker sees it: folders, tmux, database, locks."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from uuid import UUID

from hephaestus_core.bells import Bell
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.contract.statuses import FaultCause
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts.bearer import Bearer
from hephaestus_core.llm.service import Llm
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.host_names import host_name
from hephaestus_core.vectors.service import Vectors
from hephaestus_worker.agent_programs import PROGRAMS, installed, program, without_login
from hephaestus_worker.agent_programs.base import AgentProgram, Places
from hephaestus_worker.git.worktrees.new_files import Rules
from hephaestus_worker.host.keyed_locks import KeyedLocks
from hephaestus_worker.host.long_work import LongWork
from hephaestus_worker.host.pauses import Pauses
from hephaestus_worker.host.permits import Permits
from hephaestus_worker.host.sights import Sight
from hephaestus_worker.host.spreading import spread_subfolders
from hephaestus_worker.terminal import enclosures
from hephaestus_worker.terminal.enclosures import Enclosure
from hephaestus_worker.terminal.environment import agent_environment
from hephaestus_worker.terminal.tmux import Tmux

#: Pieces of work at once. They wait for git, tmux and Postgres, and each call has a time limit; so
#: threads do, at a tenth of the memory of processes. Starts and messages leave some threads free
#: for bells, saves, merges and ends.
CONCURRENCY = 12
#: Agents that are started at once. Each may wait for a first copy of a big repository.
STARTS_AT_ONCE = 6
#: Agents that are given messages at once. A program that takes none costs up to 20 s.
MAIL_AT_ONCE = 3
#: Reviews whose checks run at once: each may keep all processors busy.
CHECKS_AT_ONCE = 2
#: Channels that notifications are sent to at once. A dead receiver keeps one for 25 s.
SENDERS_AT_ONCE = 4


@dataclass(frozen=True)
class Folders:
    """The folders of a host, private to the user."""

    mirrors: Path
    worktrees: Path
    left_out: Path
    agents: Path
    logins: Path

    def worktree(self, worktree_id: UUID) -> Path:
        """Return the folder of an agent's worktree, by the agent's ``worktree_id``."""
        return self.worktrees / str(worktree_id)

    def set_aside(self, agent_id: UUID) -> Path:
        """Return the folder of an ended agent's files that were too much to be committed."""
        return self.left_out / str(agent_id)

    def agent(self, agent_id: UUID) -> Path:
        """Return the folder of one agent's prompt, log, exit status and configuration."""
        return self.agents / str(agent_id)


@dataclass(frozen=True)
class Machine:
    """This host. ``send`` rings a bell, of this host or another, and never waits."""

    settings: Settings
    db: Database
    tmux: Tmux
    folders: Folders
    send: Callable[[Bell], None]
    programs: Mapping[str, AgentProgram] = field(default_factory=lambda: PROGRAMS)
    enclosure: Enclosure = field(default_factory=enclosures.probed)
    busy: KeyedLocks = field(default_factory=KeyedLocks)
    pauses: Pauses = field(default_factory=Pauses)
    """Pauses between tries on an agent, by :func:`pause_of`."""
    starts: Permits = field(default_factory=lambda: Permits(STARTS_AT_ONCE))
    mail: Permits = field(default_factory=lambda: Permits(MAIL_AT_ONCE))
    checks: LongWork = field(default_factory=lambda: LongWork(CHECKS_AT_ONCE))
    long_work: LongWork = field(default_factory=LongWork)
    senders: LongWork = field(default_factory=lambda: LongWork(SENDERS_AT_ONCE))
    suspects: dict[str, float] = field(default_factory=dict)
    """Unknown sessions, with the time at which they were first seen."""
    looked_at: dict[str, float] = field(default_factory=dict)
    """When this worker last looked at something, by its name, on a steady clock."""
    sights: dict[UUID, Sight] = field(default_factory=dict)
    """What the Guardian remembers of live agents between two looks."""
    metered: dict[UUID, Places] = field(default_factory=dict)
    """By agent, how far the files have been read that tell what it uses."""
    reported_short: dict[FaultCause, bool] = field(default_factory=dict)
    """Whether disk and memory were reported to be short; empty: not yet reported."""
    stopping: threading.Event = field(default_factory=threading.Event)
    bearer: Bearer | None = None
    """The worker that bears the host's name; None where no worker runs."""

    @cached_property
    def vectors(self) -> Vectors:
        """Return what makes vectors on this host; nothing is loaded before its first use."""
        return Vectors(self.db, self.settings)

    @property
    def name(self) -> str:
        """The host's name."""
        return host_name(self.settings)

    @cached_property
    def llm(self) -> Llm:
        """The models that the system itself asks."""
        return Llm(self.db, self.settings)

    @property
    def saving_rules(self) -> Rules:
        """Return what is not saved of agents' worktrees."""
        settings = self.settings
        return Rules(commits=settings.auto_commit, exclude=settings.commit_exclude)

    def program(self, name: str) -> AgentProgram:
        """Return the agent program of that name; AgentProgramError where there is none."""
        return program(name, self.programs)

    def installed_programs(self) -> list[str]:
        """Return the names of the agent programs that are installed now."""
        return installed(self.programs, agent_environment(self.settings.agent_environment))

    def without_login(self, names: Iterable[str]) -> list[str]:
        """Return which of these agent programs this host's user has no login for now."""
        environment = agent_environment(self.settings.agent_environment)
        return without_login(self.programs, names, environment)


def folders_of(settings: Settings) -> Folders:
    """Return the host's folders, made if they are missing."""
    home = HomeLayout(settings.home)
    folders = Folders(
        mirrors=home.mirrors,
        worktrees=settings.worktree_base or home.worktrees,
        left_out=home.left_out,
        agents=home.agents,
        logins=home.logins,
    )
    for folder in (home.host, folders.mirrors, folders.worktrees, folders.agents):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    spread_subfolders(folders.worktrees)
    return folders


@contextmanager
def working_on(machine: Machine, agent_id: UUID) -> Iterator[bool]:
    """Hold the agent's lock for the block; False if another thread holds it.

    A doubled bell must not start or end an agent twice at once. Whoever gets False has nothing to
    do, since the other thread reads the same rows.
    """
    with machine.busy.try_acquire(f"agent {agent_id}") as held:
        yield held


def pause_of(name: str, agent_id: UUID) -> str:
    """Return the name of the pause between tries of this Celery task on the agent."""
    return f"{name} {agent_id}"


@contextmanager
def paused_on_failure(machine: Machine, name: str, agent_id: UUID) -> Iterator[None]:
    """Start a growing pause for the agent when the block fails; passes respect it.

    A direct call is not delayed.
    """
    pause = pause_of(name, agent_id)
    try:
        yield
    except Exception:
        machine.pauses.lengthen(pause)
        raise
    machine.pauses.forget(pause)
