"""The clean trees of one run of checks, in which their commands run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final

from hephaestus_worker.git.objects.changes import Change
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import clean
from hephaestus_worker.host.kept_setups import Keeping, KeptSetup, kept_setup
from hephaestus_worker.host.own_homes import keep_home
from hephaestus_worker.reviews.grounds import Ground
from hephaestus_worker.reviews.run_folders import delete
from hephaestus_worker.reviews.tree_states import State, brought_back, state_of
from hephaestus_worker.terminal import commands
from hephaestus_worker.terminal.commands import Ended
from hephaestus_worker.terminal.sandbox import Reach, own_tmp
from hephaestus_worker.terminal.toolchains import tools

#: Bytes of a command's output in which checks look for something.
OUTPUT_BYTES: Final = 65_536


class Stopped(Exception):
    """The run was asked to stop. It has no outcome."""


class SetupFailed(Exception):
    """The set-up of a tree failed or took too long, as ``ended`` says."""

    def __init__(self, command: str, ended: Ended) -> None:
        super().__init__(command)
        self.command = command
        self.ended = ended


@dataclass
class Tree:
    """A worktree of one commit, set up; made when a command first needs it.

    In a sandbox the home in which the set-up ran belongs to it. A command finds nothing of those
    that ran before: new files are deleted, and after any other change the tree is made anew.
    """

    ground: Ground
    mirror: Mirror
    folder: Path
    """A folder of this tree alone, in that of the run."""
    commit: str
    without: Sequence[Change]
    """Changes of the commit that are taken back."""
    setup: str
    """The command that sets it up; empty for none."""
    submodules_of: str | None
    """The user's branch, whose submodules are checked out; None: all stay empty."""
    working_directory: str
    """The folder of the repository in which commands run."""
    stop: Event
    keeping: Keeping | None
    """What is kept of set-ups; None: nothing."""
    _state: State | None = field(default=None, init=False)

    def run(self, command: str, *, timeout: float, most: int = OUTPUT_BYTES) -> Ended:
        """Run a command in the clean tree; keep this many bytes of its output, the last ones.

        Raises:
            SetupFailed: the tree could not be set up, or lacks the folder in which commands run.
            Stopped: the run was asked to stop.
            RepositoryError: git cannot make the tree.
        """
        if not brought_back(self.folder, self._state):
            self._make()
        return self._run(command, timeout, most)

    def _make(self) -> None:
        self._state = None
        delete(self.folder)
        self.folder.mkdir(mode=0o700)
        clean.make(
            *(self.mirror, self.commit, self._worktree, self._repository),
            without=self.without,
            submodules_of=self.submodules_of,
        )
        if not self._holds(self._start):
            says = f"The commit has no folder {self.working_directory!r}.".encode()
            raise SetupFailed(f"cd {self.working_directory}", Ended("exited", 1, says, 0.0))
        if self.setup:
            self._set_up()
        self._state = state_of(self.folder)

    def _set_up(self) -> None:
        kept = self._kept()
        if kept is not None and kept.copied(self.folder):
            return
        ended = self._run(self.setup, self.ground.setup_seconds)
        if ended.exit_status != 0:
            raise SetupFailed(self.setup, ended)
        delete(own_tmp(self._own))
        if kept is not None and not self.without:
            kept.keep()

    def _kept(self) -> KeptSetup | None:
        """Return the place of the set-up's result; None if the tree has other files to read."""
        if self.keeping and {each.path for each in self.without} & set(self.keeping.reads):
            return None
        return kept_setup(
            *(self.keeping, self.mirror, self.commit, self._worktree),
            command=self.setup,
            working_directory=self.working_directory,
        )

    def _run(self, command: str, timeout: float, most: int = OUTPUT_BYTES) -> Ended:
        if self.stop.is_set():
            raise Stopped
        reach = self._reach()
        if self.ground.enclosure.holds_files:
            keep_home(reach)
        ended = commands.run(
            command,
            mark=self.folder.parent.name,
            enclosure=self.ground.enclosure,
            reach=reach,
            environment=self.ground.environment,
            timeout=timeout,
            stop=self.stop,
            most=most,
        )
        if ended.how == "stopped":
            raise Stopped
        return ended

    def _reach(self) -> Reach:
        variables = self.ground.environment
        home = Path(variables.get("HOME") or Path.home())
        return Reach(
            own=self._own,
            home=home,
            working_directory=self._start,
            readable=(
                self.mirror.path / "objects",
                *tools("sh", variables.get("PATH", ""), home),
                *self.ground.readable,
            ),
            writable=(self._worktree, self._repository, *self.ground.writable),
            hidden=self.ground.hidden,
        )

    def _holds(self, folder: Path) -> bool:
        """Say whether it is a folder, and no link leads out of the tree."""
        found = folder.resolve()
        return found.is_dir() and found.is_relative_to(self._worktree.resolve())

    @property
    def _start(self) -> Path:
        return self._worktree / self.working_directory

    @property
    def _own(self) -> Path:
        return self.folder / "own"

    @property
    def _worktree(self) -> Path:
        return self.folder / "tree"

    @property
    def _repository(self) -> Path:
        return self.folder / "repository.git"
