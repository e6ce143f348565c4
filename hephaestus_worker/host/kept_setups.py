"""Results of set-ups that a host keeps, where a person's settings say what to keep.

Only commits of the base branch fill them, so no agent decides what the tree of another one, of a
reviewer or of a check begins with. Whatever fails here: the command of the set-up runs instead.
"""

import fcntl
import json
import logging
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.logging import log_event
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.repository_settings import settings_of
from hephaestus_worker.git import command as git
from hephaestus_worker.git.merging.bases import comes_after
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.terminal.private_files import delete, private_folder

logger = logging.getLogger(__name__)

#: Most results of one repository; the one that was used longest ago goes first.
MOST_KEPT: Final = 5
#: Seconds after which a result that nobody has used is deleted: 14 days.
UNUSED_SECONDS: Final = 14 * 86_400
#: The beginning of the name of what is not whole, and the seconds after which nobody works on it.
_PARTIAL: Final = "partial-"
_LEFT_SECONDS: Final = 3600
#: A file of a result; its time is that of the set-up. The time of the folder is that of its use.
_MADE: Final = "made"
_COPY_SECONDS: Final = 120.0
#: git's modes of files that are no links.
_FILES: Final = ("100644", "100755")
_FAULTS: Final = (OSError, subprocess.SubprocessError, RepositoryError)


@dataclass(frozen=True)
class Keeping:
    """What is kept of the set-ups of one repository.

    Args:
        root: the folder for the results of all repositories.
        keeps: folders that the set-up makes, as paths in the repository.
        reads: files of the repository that decide what is in them.
        base_branch: the branch whose commits may fill a result.
    """

    root: Path
    keeps: tuple[str, ...]
    reads: tuple[str, ...]
    base_branch: str


def keeping_of(settings: Settings, repository: str, base_branch: str) -> Keeping | None:
    """Return what the settings say to keep of the repository's set-ups; None: nothing."""
    found = settings_of(settings.repositories, repository)
    if not (found.setup_keeps and found.setup_reads):
        return None
    root = HomeLayout(settings.home).setups
    return Keeping(root, found.setup_keeps, found.setup_reads, base_branch)


@dataclass(frozen=True)
class KeptSetup:
    """The result of a set-up in one worktree, made of a commit, in which no agent has worked.

    Args:
        place: of the result; others with the same command and files to read share it.
    """

    place: Path
    keeping: Keeping
    mirror: Mirror
    commit: str
    worktree: Path

    def copied(self, beside: Path) -> datetime | None:
        """Copy the result of an earlier set-up into the worktree.

        Returns when its set-up ran; None: nothing was copied, so the command has to run.

        Args:
            beside: a folder on the same file system, for what is not yet whole.
        """
        if not self.place.is_dir():
            return None
        aside = beside / f"{_PARTIAL}{secrets.token_hex(8)}"
        try:
            with _locked(self.place, fcntl.LOCK_SH):
                made = (self.place / _MADE).stat().st_mtime
                os.utime(self.place)
                aside.mkdir(mode=0o700)
                self._copy_by(aside)
                return datetime.fromtimestamp(made, UTC)
        except _FAULTS as error:
            log_event(logger, "setup_not_copied", place=self.place, reason=error)
            return None
        finally:
            delete(aside)

    def _copy_by(self, aside: Path) -> None:
        targets = [_inside(self.worktree, name) for name in self.keeping.keeps]
        for number in range(len(targets)):
            _copy(self.place / str(number), aside / str(number))
        placed: list[Path] = []
        try:
            for number, target in enumerate(targets):
                if os.path.lexists(target):
                    raise FileExistsError(f"{target} exists already")
                target.parent.mkdir(parents=True, exist_ok=True)
                (aside / str(number)).rename(target)
                placed.append(target)
        except OSError:
            for target in placed:
                delete(target)
            raise

    def keep(self) -> None:
        """Keep what the set-up has made, which has succeeded, if the base branch has the commit."""
        if self.place.exists():
            return
        try:
            if comes_after(self.mirror, self.mirror.resolve(self.keeping.base_branch), self.commit):
                self._fill()
        except _FAULTS as error:
            log_event(logger, "setup_not_kept", place=self.place, reason=error)

    def _fill(self) -> None:
        private_folder(self.place.parent)
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=self.place.parent))
        try:
            for number, name in enumerate(self.keeping.keeps):
                source = _inside(self.worktree, name)
                if source.is_symlink() or not source.is_dir():
                    raise FileNotFoundError(f"the set-up has made no folder {name}")
                _copy(source, partial / str(number))
            (partial / _MADE).touch()
            # Else the loss of power could leave a whole result with empty files.
            _run("sync", "-f", str(partial))
            partial.rename(self.place)
        finally:
            delete(partial)
        for old in _by_use(self.place.parent)[:-MOST_KEPT]:
            _drop(old)


def kept_setup(
    keeping: Keeping | None,
    mirror: Mirror,
    commit: str,
    worktree: Path,
    *,
    command: str,
    working_directory: str,
) -> KeptSetup | None:
    """Return the result of a set-up that is next; None if none is to be kept or used.

    So it is if the settings name nothing, the commit lacks a file that the command reads, or a
    folder that is to be made exists already, as after a set-up that was broken off.

    Args:
        worktree: made of exactly this commit; no agent has worked there.
    """
    if keeping is None or any(os.path.lexists(worktree / name) for name in keeping.keeps):
        return None
    try:
        read = _object_ids(mirror, commit, keeping.reads)
    except RepositoryError as error:
        log_event(logger, "setup_not_copied", commit=commit, reason=error)
        return None
    if set(read) != set(keeping.reads):
        return None
    key = key_of(command, working_directory, keeping.keeps, read)
    return KeptSetup(keeping.root / mirror.path.stem / key, keeping, mirror, commit, worktree)


def key_of(
    command: str, working_directory: str, keeps: Sequence[str], read: Mapping[str, str]
) -> str:
    """Return the name of a result.

    Args:
        read: by path, the object ids of the files that the command reads.
    """
    said = [command, working_directory, list(keeps), sorted(read.items())]
    return sha256(json.dumps(said).encode()).hexdigest()


def tidy(root: Path, *, now: float) -> None:
    """Delete results that nobody has used for 14 days, and what a killed worker left half made."""
    for repository in root.glob("*"):
        for each in _by_use(repository):
            if now - _used(each) > UNUSED_SECONDS:
                _drop(each)
        for left in repository.glob(f"{_PARTIAL}*"):
            if now - _used(left) > _LEFT_SECONDS:
                delete(left)


def _object_ids(mirror: Mirror, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """Return the object ids of those of the paths that are files of the commit."""
    listed = git.run(
        *("ls-tree", "-z", "--full-tree", git.check_commit(commit), "--", *paths),
        doing=f"read files of {commit[:12]}",
        git_dir=mirror.path,
    )
    found = {}
    for line in os.fsdecode(listed.stdout).split("\0")[:-1]:
        facts, _, path = line.partition("\t")
        mode, _, object_id = facts.split(" ")
        if mode in _FILES and path in paths:
            found[path] = object_id
    return found


def _inside(worktree: Path, name: str) -> Path:
    """Return the path in the worktree; OSError if a link leads out of it."""
    path = worktree / name
    if not path.parent.resolve().is_relative_to(worktree.resolve()):
        raise NotADirectoryError(f"{name} is not inside the worktree")
    return path


def _copy(source: Path, target: Path) -> None:
    _run("cp", "-a", "--reflink=auto", "-T", "--", str(source), str(target))


def _run(*argv: str) -> None:
    subprocess.run(argv, capture_output=True, check=True, timeout=_COPY_SECONDS)


@contextmanager
def _locked(place: Path, how: int) -> Iterator[None]:
    """Hold a lock of a result, so that none is deleted while it is copied; OSError if not free."""
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(descriptor), place.stat()):
            raise FileNotFoundError(f"{place} was deleted")
        yield
    finally:
        os.close(descriptor)


def _drop(place: Path) -> None:
    """Delete a result unless it is being copied; nobody sees it half deleted."""
    with suppress(OSError), _locked(place, fcntl.LOCK_EX):
        gone = place.with_name(f"{_PARTIAL}{secrets.token_hex(8)}")
        place.rename(gone)
        delete(gone)


def _by_use(folder: Path) -> list[Path]:
    """Return the results in the folder of a repository, those used last at the end."""
    return sorted(
        (each for each in folder.glob("*") if not each.name.startswith(_PARTIAL)), key=_used
    )


def _used(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return time.time()
