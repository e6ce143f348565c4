"""The user's own checkouts: which one has a branch open, and how a clean one is moved forward.

Nothing here stashes, commits or overwrites: a checkout with unsaved changes is left alone.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects.object_store import borrow

_UNKNOWN_HEAD = "ref: refs/heads/.invalid"  # what HEAD reads where refs are kept in tables


class CheckedOut(RepositoryError):
    """The user has the branch checked out, with changes or in a rebase."""


def folder_with(git_dir: Path, branch: str) -> Path | None:
    """Return the user's working folder that has the branch checked out, if there is one.

    Raises:
        CheckedOut: the branch is being rebased in such a folder.
    """
    ref = f"refs/heads/{branch}"
    for admin in _administration(git_dir):
        if _is_rebasing(admin, ref):
            raise CheckedOut(
                f"Branch '{branch}' is being rebased in a working folder of {git_dir}. "
                "Finish or abort the rebase there."
            )
    heads = {_read(admin / "HEAD") for admin in _administration(git_dir)}
    # The HEAD files tell without a process; most branches are checked out nowhere.
    if not heads & {f"ref: {ref}", _UNKNOWN_HEAD}:
        return None
    return _ask(git_dir, ref)


def _administration(git_dir: Path) -> Iterator[Path]:
    yield git_dir
    yield from git_dir.glob("worktrees/*/")


def _is_rebasing(admin: Path, ref: str) -> bool:
    return any(
        _read(admin / state / "head-name") == ref for state in ("rebase-merge", "rebase-apply")
    )


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""


def _ask(git_dir: Path, ref: str) -> Path | None:
    listed = git.run(
        *("worktree", "list", "--porcelain", "-z"),
        doing=f"list the working folders of {git_dir}",
        git_dir=git_dir,
    )
    for block in listed.stdout.decode(errors="surrogateescape").split("\0\0"):
        fields = block.split("\0")
        folder = Path(fields[0].removeprefix("worktree "))
        if f"branch {ref}" in fields and folder.is_dir():
            return folder
    return None


def may_move(folder: Path, branch: str, commit: str, *, expected: str, objects: Path) -> bool:
    """Say whether `folder`, with `branch` checked out at `expected`, can be moved to `commit`.

    Nothing is written. The objects of `commit` may still be in another repository's `objects`.
    Returns False if the branch is no longer at `expected`.

    Raises:
        CheckedOut: something in the folder is not committed, or would be overwritten.
    """
    if _run(folder, "rev-parse", "--verify", "HEAD", doing="read its HEAD").text != expected:
        return False
    _check_clean(folder, branch)
    added = _run(
        folder,
        *("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--diff-filter=A"),
        *(expected, commit),
        doing="list what is new for it",
        env=borrow(objects),
    )
    for name in os.fsdecode(added.stdout).split("\0")[:-1]:
        if in_the_way := _in_the_way(folder, name):
            raise _would_lose(folder, branch, f"'{in_the_way}' there is in no commit")
    return True


def _check_clean(folder: Path, branch: str) -> None:
    for head, work in (("MERGE_HEAD", "merge"), ("CHERRY_PICK_HEAD", "cherry-pick")):
        if (_git_dir(folder) / head).exists():
            raise CheckedOut(
                f"{folder} has '{branch}' checked out in the middle of a {work}. "
                "Commit or abort it there."
            )
    changed = _run(folder, "status", "--porcelain", "-z", "-uno", doing="look for changes")
    if changed.stdout:
        count = changed.stdout.count(b"\0")
        raise CheckedOut(
            f"{folder} has '{branch}' checked out with uncommitted changes ({count} files). "
            "Commit or stash them there, or switch it to another branch."
        )


def _in_the_way(folder: Path, name: str) -> Path | None:
    """Return the path that is in the way of a new file: the file itself or one of its parents."""
    path = folder / name
    if os.path.lexists(path):
        return Path(name)
    above = (parent for parent in path.parents if parent != folder and os.path.lexists(parent))
    nearest = next((parent for parent in above if parent.is_relative_to(folder)), None)
    if nearest is None or (nearest.is_dir() and not nearest.is_symlink()):
        return None
    return nearest.relative_to(folder)


def move_forward(folder: Path, branch: str, commit: str) -> None:
    """Move a working folder that :func:`may_move` to the commit, whose objects it has.

    Raises:
        CheckedOut: something is not committed, would be overwritten, or was committed meanwhile.
    """
    moved = _run(
        folder,
        *("merge", "--ff-only", "--quiet", "--no-overwrite-ignore", commit),
        doing="move it forward",
        server=True,
        allowed=(0, 1, 2, 128),
        # A kill in the middle would leave the checkout half moved.
        timeout=git.FIRST_FETCH,
    )
    told = git.brief(moved.stderr)
    if moved.status and "File exists" in told:
        raise CheckedOut(
            f"{folder} has '{branch}' checked out and cannot be moved forward: {told}. If no git "
            "process is at work there, one was killed and left this lock file behind: delete it."
        )
    if moved.status:
        raise _would_lose(folder, branch, told)


def _would_lose(folder: Path, branch: str, reason: str) -> CheckedOut:
    return CheckedOut(
        f"{folder} has '{branch}' checked out and cannot be moved forward without loss: "
        f"{reason}. Move those files away or commit them."
    )


def _run(
    folder: Path,
    *arguments: str,
    doing: str,
    allowed: tuple[int, ...] = (0,),
    env: Mapping[str, str] | None = None,
    server: bool = False,
    timeout: float = git.NETWORK,
) -> git.Finished:
    return git.run(
        *arguments,
        doing=f"{doing} ({folder})",
        git_dir=_git_dir(folder),
        work_tree=folder,
        env=env,
        server=server,
        allowed=allowed,
        timeout=timeout,
    )


def _git_dir(folder: Path) -> Path:
    dot_git = folder / ".git"
    return dot_git if dot_git.is_dir() else git_folder_of(dot_git)


def git_folder_of(dot_git: Path) -> Path:
    """Return the folder that a `.git` file points to."""
    target = _read(dot_git).removeprefix("gitdir: ")
    return (dot_git.parent / target).resolve()
