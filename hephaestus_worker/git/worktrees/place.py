"""The record of a worktree, a file beside it, outside the folder in which the agent works.

An agent may switch branches, delete `.git` or run `git init`. Saving its work therefore depends on
no file inside its worktree, and on no git folder that the agent can write.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git import locks
from hephaestus_worker.git.command import Finished
from hephaestus_worker.git.objects import refs
from hephaestus_worker.git.origins import checkouts

#: The suffix of a worktree's record while the worktree is being removed.
GOING: Final = ".going"


@dataclass(frozen=True)
class Place:
    """A worktree.

    Args:
        folder: the worktree's folder.
        mirror: the bare repository that the work is saved to; no agent writes to it.
        private: the attempt's own bare repository, which borrows the mirror's objects. The agent
            may have done anything to it, so git never runs in it.
        admin: git's own folder for this worktree, in the private repository.
        branch: the attempt's branch.
        start: the commit that the worktree was made at.
        index: the index that saving uses; the agent has one of its own.
    """

    folder: Path
    mirror: Path
    private: Path
    admin: Path
    branch: str
    start: str
    index: Path

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"

    @property
    def has_vanished(self) -> bool:
        """Whether the folder is gone, or holds nothing at all, not even its `.git`."""
        try:
            return not any(self.folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return True

    def git(
        self,
        *arguments: str,
        doing: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        allowed: tuple[int, ...] = (0,),
    ) -> Finished:
        """Run git on the worktree's files by the mirror's configuration and the own index."""
        return git.run(
            *arguments,
            doing=f"{doing} in {self.folder}",
            git_dir=self.mirror,
            work_tree=self.folder,
            stdin=stdin,
            env={"GIT_INDEX_FILE": str(self.index)} | dict(env or {}),
            allowed=allowed,
            timeout=git.BULK,
        )

    @contextmanager
    def git_started(
        self, *arguments: str, doing: str, env: Mapping[str, str] | None = None
    ) -> Iterator[Callable[[bytes, Collection[int]], Finished]]:
        """Start git as :meth:`git` does, before its input is known; see :func:`git.started`."""
        with git.started(
            *arguments,
            doing=f"{doing} in {self.folder}",
            git_dir=self.mirror,
            work_tree=self.folder,
            env={"GIT_INDEX_FILE": str(self.index)} | dict(env or {}),
            timeout=git.BULK,
        ) as finish:
            yield finish

    def clear_stale_locks(self) -> None:
        """Delete the lock files that killed git processes of the worker left behind."""
        files = [
            self.index.with_name(f"{self.index.name}.lock"),
            self.mirror / f"{self.ref}.lock",
        ]
        locks.clear_stale(files, [self.folder])

    def tip(self) -> str:
        """Return the newest saved commit of the attempt's branch."""
        return (
            refs.read_loose(self.mirror, self.ref)
            or git.run(
                *("rev-parse", "--verify", self.ref),
                doing=f"read branch '{self.branch}'",
                git_dir=self.mirror,
            ).text
        )


def private_of(folder: Path) -> Path:
    """Return the place of the private repository for a worktree at this folder."""
    return folder.with_name(f".{folder.name}.git")


def index_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.index")


def records(above: Path) -> list[Path]:
    """Return the records of all complete worktrees in this folder."""
    return list(above.glob(".*.worktree"))


def folder_of(record: Path) -> Path:
    return record.with_name(record.name.removeprefix(".").removesuffix(".worktree"))


def companions(folder: Path) -> tuple[Path, ...]:
    """Return what stands beside a worktree's folder and belongs to it, its record last."""
    beside = (private_of(folder), index_of(folder), _seen_of(folder))
    return (*beside, _record_of(folder), _going_of(folder))


def _record_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.worktree")


def _going_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}{GOING}")


def _seen_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.seen")


def read(folder: Path) -> Place | None:
    """Return the complete worktree at this folder; None if there is none or it is being removed."""
    return _read(folder, _record_of(folder))


def read_going(folder: Path) -> Place | None:
    """Return the worktree at this folder whose removal has begun; None if there is none."""
    return _read(folder, _going_of(folder))


def begin_removal(folder: Path) -> None:
    """Have the worktree at this folder count as complete no more.

    A removal that is killed at a later step leaves no branch, or half a repository. Nobody must
    read work from those: it was saved before.
    """
    _record_of(folder).replace(_going_of(folder))


def _read(folder: Path, file: Path) -> Place | None:
    try:
        record = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    return Place(
        folder,
        mirror=Path(record["mirror"]),
        private=private_of(folder),
        admin=Path(record["admin"]),
        branch=record["branch"],
        start=record["start"],
        index=index_of(folder),
    )


def at(folder: Path) -> Place:
    """Return the worktree at this folder.

    Raises:
        RepositoryError: there is no complete worktree.
    """
    place = read(folder)
    if place is None:
        raise RepositoryError(f"There is no worktree at {folder}. Make it again for a new attempt.")
    return place


def record(folder: Path, mirror: Path, *, branch: str, start: str) -> Place:
    """Record that the worktree at this folder is complete; return it."""
    admin = checkouts.git_folder_of(folder / ".git")
    facts = {"mirror": str(mirror), "admin": str(admin), "branch": branch, "start": start}
    _write(_record_of(folder), facts)
    return Place(folder, mirror, private_of(folder), admin, branch, start, index_of(folder))


def seen(place: Place) -> Mapping[str, str]:
    """Return the facts of the last save.

    branch: the agent's own commit of its branch. index: the commit that the index of saving was
    made for. stamp: that of the agent's index, if it had nothing unresolved. tip: the saved commit;
    "" while a save is under way, or after one that broke off.
    """
    try:
        found: dict[str, str] = json.loads(_seen_of(place.folder).read_text())
    except (FileNotFoundError, ValueError):
        return {"branch": place.start, "index": "", "stamp": "", "tip": ""}
    return found


def note_seen(place: Place, **facts: str) -> None:
    """Note some of the facts that :func:`seen` returns; the others stay."""
    _write(_seen_of(place.folder), {**seen(place), **facts})


def forget(folder: Path) -> None:
    """Delete the record of the worktree, last of all that belongs to it."""
    for file in (index_of(folder), _seen_of(folder), _going_of(folder)):
        file.unlink(missing_ok=True)


def _write(file: Path, facts: Mapping[str, str]) -> None:
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(facts))
    partial.replace(file)
