"""The user's own working folders: who has a branch open, and moving a clean one forward.

Nothing here stashes, commits or overwrites: a folder with anything unsaved in it is left alone.
"""

from collections.abc import Iterator
from pathlib import Path

from hephaestus_core.errors import RepositoryError
from hephaestus_worker.host import git

_UNKNOWN_HEAD = "ref: refs/heads/.invalid"  # what HEAD reads where refs are kept in tables


class CheckedOut(RepositoryError):
    """The branch is open in a working folder of the user that must not be touched now."""


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
    # Asking git costs a process; most branches are open nowhere, and the HEAD files tell.
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


def move_forward(folder: Path, branch: str, commit: str, *, expected: str) -> bool:
    """Move the working folder, which has `branch` checked out, from `expected` to `commit`.

    The objects of `commit` must be in its repository already. Returns False if the branch is no
    longer at `expected`.

    Raises:
        CheckedOut: something in the folder is not committed, or would be overwritten.
    """
    if _run(folder, "rev-parse", "--verify", "HEAD", doing="read its HEAD").text != expected:
        return False
    changed = _run(folder, "status", "--porcelain", "-z", "-uno", doing="look for changes")
    if changed.stdout:
        count = changed.stdout.count(b"\0")
        raise CheckedOut(
            f"{folder} has '{branch}' checked out with uncommitted changes ({count} files). "
            "Commit or stash them there, or switch it to another branch."
        )
    moved = _run(
        folder,
        *("merge", "--ff-only", "--quiet", "--no-overwrite-ignore", commit),
        doing="move it forward",
        allowed=(0, 1, 2, 128),
    )
    if moved.status:
        raise CheckedOut(
            f"{folder} has '{branch}' checked out and cannot be moved forward without loss: "
            f"{git.brief(moved.stderr)}. Move those files away or commit them."
        )
    return True


def _run(
    folder: Path, *arguments: str, doing: str, allowed: tuple[int, ...] = (0,)
) -> git.Finished:
    dot_git = folder / ".git"
    return git.run(
        *arguments,
        doing=f"{doing} ({folder})",
        git_dir=dot_git if dot_git.is_dir() else git_folder_of(dot_git),
        work_tree=folder,
        allowed=allowed,
        timeout=git.NETWORK,
    )


def git_folder_of(dot_git: Path) -> Path:
    """Return the folder that a `.git` file points to."""
    target = _read(dot_git).removeprefix("gitdir: ")
    return (dot_git.parent / target).resolve()
