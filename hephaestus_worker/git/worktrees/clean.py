"""Clean worktrees of one commit, in which nobody has worked: for checks.

Each has a private repository, as an attempt has. git of the worker runs there only until the
worktree is made; whatever runs in it later may do anything to both.
"""

from collections.abc import Sequence
from pathlib import Path

from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects.changes import Change, Entry
from hephaestus_worker.git.origins import checkouts
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import private
from hephaestus_worker.git.worktrees.submodules import check_out_at

_NOTHING = "0"
_MESSAGE = "Take changes back"


def make(
    mirror: Mirror,
    commit: str,
    folder: Path,
    repository: Path,
    *,
    without: Sequence[Change] = (),
    submodules_of: str | None = None,
) -> None:
    """Check the commit out into a new folder, with a new private repository.

    Args:
        without: changes of the commit that are taken back: each path gets what it was before.
        submodules_of: the user's branch, whose submodules are checked out; None: all stay empty.

    Raises:
        RepositoryError: the mirror lacks the commit, or git cannot check it out.
    """
    private.make(mirror, repository)
    source = _taken_back(repository, commit, without) if without else git.check_commit(commit)
    private.add_worktree(repository, folder, branch=None, commit=source)
    if submodules_of is not None:
        admin = checkouts.git_folder_of(folder / ".git")
        check_out_at(folder, admin, mirror, commit, base_branch=submodules_of, wanted=True)


def _taken_back(repository: Path, commit: str, changes: Sequence[Change]) -> str:
    """Write a commit without the changes into the private repository; return it."""
    # Removed first: a folder may stand now where a file was.
    ordered = sorted(changes, key=lambda change: change.before is not None)
    lines = b"".join(_line(each, commit) for each in ordered)
    env = {"GIT_INDEX_FILE": str(repository / "without.index")}
    doing = f"take changes back from {commit[:12]}"

    def run(*arguments: str, stdin: bytes | None = None) -> str:
        done = git.run(*arguments, doing=doing, git_dir=repository, stdin=stdin, env=env)
        return done.text

    run("read-tree", git.check_commit(commit))
    run("update-index", "-z", "--index-info", stdin=lines)
    return run("commit-tree", run("write-tree"), "-p", commit, "-m", _MESSAGE)


def _line(change: Change, like: str) -> bytes:
    entry = change.before or Entry(_NOTHING, _NOTHING * len(like))
    return f"{entry.mode} {entry.object_id}\t{change.path}\0".encode(errors="surrogateescape")
