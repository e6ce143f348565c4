"""Worktrees of agents: made from the mirror, saved, and deleted only once all work is saved."""

import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from hephaestus_core.contract.branch_names import check_branch
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.kept_commits import KeptCommit
from hephaestus_core.logging import log_event
from hephaestus_worker.git import command as git
from hephaestus_worker.git import locks
from hephaestus_worker.git.merging import chains
from hephaestus_worker.git.objects import refs
from hephaestus_worker.git.objects.object_store import ObjectStore
from hephaestus_worker.git.origins import checkouts
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import leftovers, private, saving, staging
from hephaestus_worker.git.worktrees import place as worktree_place
from hephaestus_worker.git.worktrees.new_files import Rules
from hephaestus_worker.git.worktrees.place import Place
from hephaestus_worker.git.worktrees.saving import Saved

logger = logging.getLogger(__name__)

#: The suffix of a removed worktree's folder until the folder is deleted.
_GONE = ".gone"
#: The rules without exclusions and with the usual limits.
DEFAULT_RULES: Final = Rules()


def add(
    mirror: Mirror,
    path: Path,
    *,
    branch: str,
    commit: str,
    uncommitted: str | None = None,
    left_out: Sequence[str] = (),
) -> None:
    """Make a worktree at `path` with the new branch checked out at the commit.

    A complete worktree with this branch stays as it is; an incomplete one is made again. A branch
    left from an earlier worktree keeps its position if it contains the commit. The files of the
    snapshot `uncommitted` become uncommitted changes. Files and folders with the names `left_out`
    are not checked out, wherever they stand, though they stay in the commits.

    Raises:
        RepositoryError: the path holds something else, or the mirror lacks the commit.
    """
    check_branch(branch)
    place = worktree_place.read(path)
    if place is None:
        _make(mirror, path, branch, git.check_commit(commit), uncommitted, left_out)
    elif place.branch != branch:
        raise RepositoryError(
            f"{path} belongs to branch '{place.branch}', not to '{branch}'. Remove that worktree "
            "first, or use another path."
        )
    elif place.has_vanished:
        raise RepositoryError(
            f"The worktree {path} was deleted. The next attempt makes a new one.",
            details={"transient": True},
        )


def _make(
    mirror: Mirror,
    path: Path,
    branch: str,
    commit: str,
    uncommitted: str | None,
    left_out: Sequence[str],
) -> None:
    _clear_half_made(path)
    if not mirror.has_commit(commit):
        raise RepositoryError(
            f"The mirror of {mirror.source.shown} lacks commit {commit[:12]}. Fetch it first."
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # From here on the mirror's branch keeps everything that the private repository borrows.
    start = _point_branch(mirror, branch, commit)
    repository = worktree_place.private_of(path)
    private.make(mirror, repository)
    private.add_worktree(repository, path, branch=branch, commit=start, left_out=left_out)
    admin = checkouts.git_folder_of(path / ".git")
    shutil.copy2(admin / "index", worktree_place.index_of(path))
    if uncommitted is not None:
        _lay_over(mirror, path, start, git.check_commit(uncommitted))
    place = worktree_place.record(path, mirror.path, branch=branch, start=commit)
    stamp = staging.index_stamp(place)
    worktree_place.note_seen(place, branch=start, index=start, stamp=stamp, tip=start)


def _lay_over(mirror: Mirror, path: Path, head: str, snapshot: str) -> None:
    """Merge a snapshot into the files of HEAD, as unstaged changes."""
    store = ObjectStore(mirror.path)
    both = chains.join(store, head, snapshot, message="Bring up to date")
    with tempfile.TemporaryDirectory(prefix="hephaestus-index-") as folder:
        spare = Path(folder) / "index"
        shutil.copy2(worktree_place.index_of(path), spare)
        git.run(
            *("read-tree", "-m", "-u", head, store.tree_of(both)),
            doing=f"bring back what was uncommitted in {path}",
            git_dir=mirror.path,
            work_tree=path,
            env={"GIT_INDEX_FILE": str(spare)},
            server=True,
            timeout=git.BULK,
        )


def _clear_half_made(path: Path) -> None:
    """Delete the remains of a worktree whose making was killed; no agent has worked there yet."""
    repository = worktree_place.private_of(path)
    dot_git = path / ".git"
    empty = not path.exists() or (path.is_dir() and not any(path.iterdir()))
    ours = dot_git.is_file() and str(repository.resolve()) in dot_git.read_text()
    if not empty and not ours:
        raise RepositoryError(f"{path} is not empty. Move away what is there, or use another path.")
    if path.exists():
        _delete_folder(path)
    private.remove(repository)


def _point_branch(mirror: Mirror, branch: str, commit: str) -> str:
    """Set the mirror's branch to the commit unless it contains it; return where the branch is.

    The old tip of a branch that is moved stays in a ref.
    """
    ref = f"refs/heads/{branch}"
    doing = f"set branch '{branch}'"
    locks.clear_stale([mirror.path / f"{ref}.lock"], [mirror.path])
    if refs.swap(mirror.path, ref, commit, expected=None):
        return commit
    found = git.run(
        *("rev-parse", "--verify", "--quiet", ref),
        doing=doing,
        git_dir=mirror.path,
        allowed=(0, 1),
    ).text
    if found and _contains(mirror, found, commit):
        return found
    lines = f"update {ref} {commit} {found or '0' * len(commit)}\n"
    if found and not _contains(mirror, commit, found):
        lines += f"update refs/hephaestus/replaced/{branch}/{found[:12]} {found}\n"
    git.run("update-ref", "--stdin", doing=doing, git_dir=mirror.path, stdin=lines.encode())
    return commit


def _contains(mirror: Mirror, commit: str, ancestor: str) -> bool:
    asked = git.run(
        *("merge-base", "--is-ancestor", ancestor, commit),
        doing=f"compare {commit[:12]} with {ancestor[:12]}",
        git_dir=mirror.path,
        allowed=(0, 1),
    )
    return asked.status == 0


def is_made(path: Path) -> bool:
    """Return whether a complete worktree was made at this path, so that there may be work of it."""
    return worktree_place.read(path) is not None


def vanished(folder: Path) -> list[Path]:
    """Return the places of complete worktrees below the folder that somebody has deleted."""
    made = (worktree_place.folder_of(record) for record in worktree_place.records(folder))
    return [each for each in made if (place := worktree_place.read(each)) and place.has_vanished]


def keep_other_commits(worktree: Path) -> tuple[list[KeptCommit], Path]:
    """Keep commits of the agent that its branch does not hold; return them and their repository.

    Raises:
        RepositoryError: there is no worktree.
    """
    place = worktree_place.at(worktree)
    return leftovers.keep(place), place.mirror


def branch_at(path: Path) -> str | None:
    """Return the branch of the worktree that was made at this path; None once it is removed."""
    place = worktree_place.read(path) or worktree_place.read_going(path)
    return None if place is None else place.branch


def save(worktree: Path, *, message: str, rules: Rules = DEFAULT_RULES) -> Saved:
    """Save everything in the worktree but ignored files and files that the rules leave out.

    Any state of the worktree is allowed: a merge or rebase in progress, another branch or none, a
    lock of a killed git, embedded repositories. The saved work is in the attempt's branch, or in a
    snapshot if the rules do not commit. No hook runs and nothing is signed.

    Raises:
        RepositoryError: there is no worktree.
    """
    return saving.save(worktree_place.at(worktree), message, rules)


def is_dirty(worktree: Path, rules: Rules = DEFAULT_RULES) -> bool:
    """Return whether the worktree has work that is not saved; ignored files do not count.

    Where agents have to commit themselves, that is work that the agent has not committed to its
    branch. Files that the rules exclude count as ignored; files above their limits do not.
    """
    place = worktree_place.at(worktree)
    return not (saving.is_saved if rules.commits else saving.is_committed)(place, rules)


def remove(mirror: Mirror, path: Path, rules: Rules = DEFAULT_RULES) -> None:
    """Delete the worktree if all of its work is in the origin. Safe to repeat.

    Ignored and excluded files are deleted with it, and so is the mirror's branch, which the origin
    has. A worktree without a commit of its own has no work. Files that cannot be deleted, for
    example another user's, stay beside the worktree's place for :func:`delete_left`.

    Raises:
        RepositoryError: some work is not saved or not in the origin; nothing is deleted.
    """
    made = worktree_place.read(path)
    if made is not None:
        _check_saved(mirror, made, rules)
        worktree_place.begin_removal(path)
    place = worktree_place.read_going(path)
    if place is None:
        _clear_half_made(path)
        return
    gone = path.with_name(f".{path.name}{_GONE}")
    if path.exists():
        # Renamed in one step, so that a half deleted worktree is never saved as an agent's work.
        _move(path, gone)
    if gone.exists():
        _delete_or_leave(gone)
    private.remove(place.private)
    _drop_branch(mirror, place)
    worktree_place.forget(path)


def delete_left(folder: Path) -> None:
    """Delete the remains of removed worktrees in this folder.

    Files that still cannot be deleted stay for the next call; this raises nothing.
    """
    for gone in folder.glob(f".*{_GONE}"):
        # A worktree that still has its record is being removed right now.
        if branch_at(gone.with_name(gone.name[1 : -len(_GONE)])) is None:
            _delete_or_leave(gone)


def _move(path: Path, gone: Path) -> None:
    try:
        path.rename(gone)
    except OSError as error:
        raise RepositoryError(
            f"The worktree {path} is saved but cannot be moved away: {error}. Unmount what is "
            "mounted there, or give this host's user the right to delete it."
        ) from error


def _delete_or_leave(gone: Path) -> None:
    try:
        _delete_folder(gone)
    except OSError as error:
        log_event(logger, "worktree_left", level=logging.WARNING, path=gone, reason=error)


def _check_saved(mirror: Mirror, place: Place, rules: Rules) -> None:
    if not rules.commits:
        _check_snapshot(mirror, place, rules)
        return
    if not saving.is_saved(place, rules):
        raise RepositoryError(f"{place.folder} holds unsaved work. Save it first.")
    tip = place.tip()
    if tip != place.start and not _is_in_origin(mirror, tip):
        raise RepositoryError(
            f"The work of '{place.branch}' ({tip[:12]}) is not in {mirror.source.shown}. "
            "Push it first."
        )


def _check_snapshot(mirror: Mirror, place: Place, rules: Rules) -> None:
    """Check the same where uncommitted files are in no commit of the branch."""
    saved = saving.save(place, "Save work before the worktree goes", rules)
    if saved.left_out or not all(
        commit in {None, place.start} or _is_in_origin(mirror, commit)
        for commit in (saved.tip, saved.uncommitted)
    ):
        raise RepositoryError(f"{place.folder} holds unsaved work. Save it first.")


def _is_in_origin(mirror: Mirror, commit: str) -> bool:
    heads = mirror.heads()
    if commit in heads.values() or _is_below(mirror, commit, heads.values()):
        return True
    # A branch that another host moved may contain it.
    for branch, tip in heads.items():
        mirror.fetch_commit(branch, tip)
    return _is_below(mirror, commit, heads.values())


def _is_below(mirror: Mirror, commit: str, tips: Iterable[str]) -> bool:
    missing = git.run(
        *("rev-list", "--max-count=1", "--ignore-missing", "--stdin"),
        doing=f"look for commit {commit[:12]} in {mirror.source.shown}",
        git_dir=mirror.path,
        stdin="".join(f"{line}\n" for line in (commit, *(f"^{tip}" for tip in tips))).encode(),
    )
    return not missing.stdout


def _drop_branch(mirror: Mirror, place: Place) -> None:
    git.run(
        *("update-ref", "-d", place.ref),
        doing=f"drop branch '{place.branch}' of the mirror",
        git_dir=mirror.path,
    )


def _delete_folder(path: Path) -> None:
    """Delete as much of the folder as possible.

    Raises:
        OSError: a file cannot be deleted.
    """
    try:
        shutil.rmtree(path)
    except OSError:
        # Package caches are often write-protected; they may be deleted all the same.
        for folder, _, _ in os.walk(path):
            with suppress(OSError):
                Path(folder).chmod(stat.S_IRWXU)
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            shutil.rmtree(path)
