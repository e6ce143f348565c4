"""Where a worktree is and what belongs to it, kept beside it and out of the agent's reach.

An agent may switch branches, delete `.git` or run `git init`. What is needed to save its work
does not depend on any file inside its worktree.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git import locks
from hephaestus_worker.git.objects import refs
from hephaestus_worker.git.origins import checkouts

_IN_PROGRESS = (
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_LOG",
    "rebase-merge",
    "rebase-apply",
)


@dataclass(frozen=True)
class Place:
    """A worktree: its folder, its mirror, git's own folder for it, the attempt's branch, and the
    commit that it was made at.
    """

    folder: Path
    mirror: Path
    admin: Path
    branch: str
    start: str

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"

    @property
    def head(self) -> str:
        """What the worktree's HEAD file says: a commit, or "ref: " and a ref."""
        return (self.admin / "HEAD").read_text().strip()

    @property
    def is_plain(self) -> bool:
        """True if the agent is on its own branch and in the middle of nothing."""
        busy = any((self.admin / name).exists() for name in _IN_PROGRESS)
        return self.head == f"ref: {self.ref}" and not busy

    def git(
        self,
        *arguments: str,
        doing: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        allowed: tuple[int, ...] = (0,),
    ) -> git.Finished:
        """Run git on this worktree, whatever its `.git` has become."""
        return git.run(
            *arguments,
            doing=f"{doing} in {self.folder}",
            git_dir=self.admin,
            work_tree=self.folder,
            stdin=stdin,
            env=env,
            allowed=allowed,
            timeout=git.BULK,
        )

    def clear_stale_locks(self) -> None:
        """Delete the lock files that killed git processes left behind here."""
        files = [*self.admin.glob("*.lock"), self.mirror / f"{self.ref}.lock"]
        locks.clear_stale(files, [self.folder, self.admin])

    def tip(self) -> str:
        """Return the newest commit of the attempt's branch."""
        return (
            refs.read_loose(self.mirror, self.ref)
            or git.run(
                *("rev-parse", "--verify", self.ref),
                doing=f"read branch '{self.branch}'",
                git_dir=self.mirror,
            ).text
        )


def _record_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.worktree")


def read(folder: Path) -> Place | None:
    """Return the worktree that was completely made at this folder, None if there is none."""
    try:
        record = json.loads(_record_of(folder).read_text())
    except FileNotFoundError:
        return None
    mirror, admin = Path(record["mirror"]), Path(record["admin"])
    return Place(folder, mirror, admin, record["branch"], record["start"])


def at(folder: Path) -> Place:
    """Return the worktree at this folder.

    Raises:
        RepositoryError: there is none, or its folder is gone.
    """
    place = read(folder)
    if place is None or not folder.is_dir() or not place.admin.is_dir():
        raise RepositoryError(f"There is no worktree at {folder}. Make it again for a new attempt.")
    return place


def record(folder: Path, mirror: Path, *, branch: str, start: str) -> None:
    """Note that the worktree at this folder is complete."""
    admin = checkouts.git_folder_of(folder / ".git")
    facts = {"mirror": str(mirror), "admin": str(admin), "branch": branch, "start": start}
    file = _record_of(folder)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(facts))
    partial.replace(file)


def forget(folder: Path) -> None:
    _record_of(folder).unlink(missing_ok=True)
