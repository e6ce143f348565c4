"""The commits of a repository on this machine, which GitPython runs git for.

The repository may be configured by somebody else: nothing that its settings name is run, git gets
no secret of this process, and it reaches no server.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

# Its parser of settings is not used, as it would follow whatever paths they include.
from git.cmd import Git
from git.exc import GitError

from hephaestus_core.contract.errors import RepositoryError, Unavailable
from hephaestus_web.history.commits import FORMAT, MOST, Commit, read_commits, with_base
from hephaestus_web.history.files import MARK
from hephaestus_web.launching.git_answers import environment

_SECONDS: Final = 10.0
_LONGEST_REASON: Final = 300
#: Most bytes that are kept of a field of an answer.
_MOST_BYTES: Final = 4096
#: Bytes after which the rest of an answer is not kept.
_MOST_SAID: Final = 4 * 1024 * 1024
_FIXED: Final = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    # History is what the commits say, whatever replaces or grafts them.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null/grafts",
}
_CONFIG: Final = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8",
    "color.ui=false",
)
_OPTIONS: Final = ("--no-pager", *(word for each in _CONFIG for word in ("-c", each)))
#: Counts without any program that a driver of diffs names.
_COUNTED: Final = ("--shortstat", "-M", "--no-ext-diff", "--no-textconv", "--no-mailmap")
#: Histories that are read at once; each may take a thread of the web process for a while.
_reads: Final = BoundedSemaphore(4)


class _Fields(io.BytesIO):
    """An answer, of whose fields, with NULs between, only the begin is kept; it is bounded."""

    _kept = 0

    def write(self, data: Any, /) -> int:
        if self.tell() > _MOST_SAID:
            return len(data)
        for number, part in enumerate(bytes(data).split(b"\0")):
            if number:
                super().write(b"\0")
                self._kept = 0
            self._kept += super().write(part[: _MOST_BYTES - self._kept])
        return len(data)


def commits_between(folder: Path, base: str, tip: str, branch: str) -> list[Commit]:
    """Return the commits that lead from one to another, newest first.

    There are at most :data:`MOST` and one; that one says that there are more.

    Args:
        folder: in which git keeps branches and objects.
        base: a commit; it and what it holds are left out.
        tip: the newest commit.
        branch: of which each commit is asked whether it is in it. It may be absent.

    Raises:
        RepositoryError: git cannot read them, or not within 10 s.
        Unavailable: too many histories are read just now.
    """
    with _turn():
        most = f"--max-count={MOST + 1}"
        span = ("--end-of-options", f"{base}..{tip}")
        said = _read(folder, "log", most, *_COUNTED, f"--format={FORMAT}", *span)
        # Git lists what is outside in the same order, so that as many are enough.
        outside = _read(folder, "rev-list", most, *span, *_without(folder, branch))
    return list(with_base(read_commits(said), outside))


def files_of(folder: Path, commits: Sequence[str], path: str | None = None) -> bytes:
    """Return what git lists of the files that commits change against their first parents.

    Commits that the repository has no more are left out; the answer is cut off at 4 MiB.

    Args:
        folder: in which git keeps branches and objects.
        commits: full ids.
        path: only this file, or the files below this folder.

    Raises:
        RepositoryError: git cannot read them, or not within 10 s.
        Unavailable: too many histories are read just now.
    """
    only = () if path is None else ("--", f":(top,literal){path}")
    with _turn():
        return _read(
            *(folder, "log", "--no-walk=unsorted", "--ignore-missing"),
            *("--diff-merges=first-parent", "--no-renames", "--name-status", "-z"),
            *("--no-ext-diff", "--no-textconv", "--no-mailmap", f"--format={MARK}%H"),
            *("--end-of-options", *commits, *only),
        )


@contextmanager
def _turn() -> Iterator[None]:
    if not _reads.acquire(blocking=False):
        raise Unavailable("Too many histories are read just now; try again in a moment.")
    try:
        yield
    finally:
        _reads.release()


def _without(folder: Path, branch: str) -> list[str]:
    name = f"refs/heads/{branch}"
    found = _read(folder, "for-each-ref", "--format=%(refname)", name)
    return [f"^{name}"] if name.encode() in found.split() else []


def _read(folder: Path, *arguments: str) -> bytes:
    """Run git, which gets this short environment alone: ``env -i`` takes the rest away."""
    given = [f"{name}={value}" for name, value in (environment() | _FIXED).items()]
    said = _Fields()
    try:
        status, _, complaint = Git("/").execute(
            ["env", "-i", *given, "git", *_OPTIONS, f"--git-dir={folder}", *arguments],
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            output_stream=said,
            kill_after_timeout=_SECONDS,
        )
    except (GitError, OSError) as error:
        raise _failure("git cannot be run") from error
    if status < 0:
        raise _failure(f"no answer within {_SECONDS:g} s")
    if status:
        raise _failure(" ".join(complaint.split())[:_LONGEST_REASON] or f"status {status}")
    return said.getvalue()


def _failure(words: str) -> RepositoryError:
    return RepositoryError(
        f"The commits cannot be read ({words}); look into the repository with `git log`.",
        field="main_repo_path",
    )
