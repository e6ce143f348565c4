"""Gives a mirror that is made again the branches of the worktrees made from the old one."""

from collections.abc import Iterator
from pathlib import Path

from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import place as worktree_place
from hephaestus_worker.git.worktrees.place import Place


def restore(new: Mirror, path: Path, worktrees: Path) -> list[str]:
    """Set each attempt's branch to its newest commit in the origin, or to its start.

    The files of the worktrees, and the commits of agents in their own repositories, are not in a
    mirror; the next save brings them. If an agent's commit needs an object that only the old mirror
    had, that save tells so, and brings the files alone.

    Args:
        new: the copy of the origin, before it is put in place.
        path: of the mirror that it becomes.
        worktrees: folder of this host's worktrees.

    Returns:
        Starts of attempts that only the old mirror had, each in a sentence.

    Raises:
        RepositoryError: the origin cannot be reached now.
    """
    places = [place for place in _all_in(worktrees) if place.mirror == path]
    in_origin = new.heads() if places else {}
    lost = [_restored(new, place, in_origin.get(place.branch)) for place in places]
    return [sentence for sentence in lost if sentence]


def _all_in(worktrees: Path) -> Iterator[Place]:
    """Read all records, also of worktrees whose folder is gone."""
    for record in worktrees.glob(".*.worktree"):
        place = worktree_place.read(worktrees / record.stem[1:])
        if place is not None:
            yield place


def _restored(new: Mirror, place: Place, pushed: str | None) -> str | None:
    if _commit_at(new, place.ref):  # kept from a damaged mirror
        return None
    tip = pushed or place.start
    if not _fetched(new, tip, place.branch if pushed else None):
        return (
            f"The mirror of {new.source.shown} was lost, and with it commit {tip[:12]}, from which "
            f"'{place.branch}' started: no branch of the origin holds it any more."
        )
    git.run(
        *("update-ref", place.ref, tip),
        doing=f"set branch '{place.branch}'",
        git_dir=new.path,
    )
    _forget_index(new, place, tip)
    return None


def _fetched(new: Mirror, commit: str, branch: str | None) -> bool:
    if not new.has_commit(commit):
        new.source.fetch(new.path, commit, branch=branch)
    return new.has_commit(commit)


def _forget_index(new: Mirror, place: Place, tip: str) -> None:
    """Let the next save read all files again: the index names objects of the old mirror."""
    place.index.unlink(missing_ok=True)
    git.run(
        *("read-tree", tip),
        doing=f"read '{place.branch}'",
        git_dir=new.path,
        env={"GIT_INDEX_FILE": str(place.index)},
        timeout=git.BULK,
    )
    worktree_place.note_seen(place, index=tip, stamp="", tip=tip)


def _commit_at(new: Mirror, ref: str) -> str:
    return git.run(
        *("rev-parse", "--verify", "--quiet", ref),
        doing=f"look for {ref}",
        git_dir=new.path,
        allowed=(0, 1),
    ).text
