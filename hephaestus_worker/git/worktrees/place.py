"""The record of a worktree, a file beside it, outside the folder in which the agent works.

An agent may switch branches, delete `.git` or run `git init`. Saving its work therefore depends on
no file inside its worktree.
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
    """A worktree.

    Args:
        folder: the worktree's folder.
        mirror: the bare repository that it belongs to.
        admin: git's own folder for this worktree, in the mirror.
        branch: the attempt's branch.
        start: the commit that the worktree was made at.
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
        """The content of the worktree's HEAD file: a commit, or "ref: " and a ref."""
        return (self.admin / "HEAD").read_text().strip()

    @property
    def is_plain(self) -> bool:
        """Whether HEAD is the attempt's branch and no merge, rebase or the like is in progress."""
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
        """Run git on this worktree, even if its `.git` is damaged or missing."""
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
        """Delete the lock files that killed git processes left in this worktree."""
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
    """Return the complete worktree at this folder; None if there is none."""
    try:
        record = json.loads(_record_of(folder).read_text())
    except FileNotFoundError:
        return None
    mirror, admin = Path(record["mirror"]), Path(record["admin"])
    return Place(folder, mirror, admin, record["branch"], record["start"])


def at(folder: Path) -> Place:
    """Return the worktree at this folder.

    Raises:
        RepositoryError: there is no complete worktree, or its folder is missing.
    """
    place = read(folder)
    if place is None or not folder.is_dir() or not place.admin.is_dir():
        raise RepositoryError(f"There is no worktree at {folder}. Make it again for a new attempt.")
    return place


def record(folder: Path, mirror: Path, *, branch: str, start: str) -> None:
    """Record that the worktree at this folder is complete."""
    admin = checkouts.git_folder_of(folder / ".git")
    facts = {"mirror": str(mirror), "admin": str(admin), "branch": branch, "start": start}
    file = _record_of(folder)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(facts))
    partial.replace(file)


def forget(folder: Path) -> None:
    _record_of(folder).unlink(missing_ok=True)
