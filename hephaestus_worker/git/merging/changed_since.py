"""Which of a few files have changed since a commit, as far as the mirror knows."""

import posixpath
from collections.abc import Sequence
from typing import Final

from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.mirror import Mirror

#: Bytes of names that are read; what comes after counts as unchanged.
_MOST_BYTES: Final = 64 * 1024


def changed_since(
    mirror: Mirror, commit: str, now: str, paths: Sequence[str], *, timeout: float
) -> list[str]:
    """Return those of the paths, of files or folders, that differ between two commits.

    It asks no server. A path that leads out of the repository has not changed.

    Args:
        mirror: of the repository.
        commit: the earlier one.
        now: the later one.
        paths: as somebody wrote them.
        timeout: seconds.

    Raises:
        RepositoryError: the mirror lacks one of the commits, or git took too long.
    """
    asked = {path: inner for path in paths if (inner := _inner(path)) is not None}
    if not asked:
        return []
    said, _ = git.beginning(
        *("diff-tree", "-r", "-z", "--name-only", "--no-renames"),
        *(git.check_commit(commit), git.check_commit(now), "--", *sorted(set(asked.values()))),
        doing=f"compare files of {commit[:12]} with {now[:12]}",
        git_dir=mirror.path,
        most=_MOST_BYTES,
        timeout=timeout,
    )
    names = said.decode(errors="replace").split("\0")
    return [path for path, inner in asked.items() if _is_among(inner, names)]


def _inner(path: str) -> str | None:
    """Return a path within the repository, without the line that may follow; None: it is none."""
    name, colon, line = path.rpartition(":")
    inner = posixpath.normpath(name if colon and name and line.isdecimal() else path)
    outside = inner in {".", ".."} or inner.startswith(("/", "../")) or "\0" in inner
    return None if outside else inner


def _is_among(path: str, names: Sequence[str]) -> bool:
    return any(name == path or name.startswith(f"{path}/") for name in names)
