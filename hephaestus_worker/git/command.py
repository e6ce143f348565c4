"""Runs git: bounded in time, in a clean environment, without anybody's hooks.

Everything that comes from outside (branches, commits, origins) is checked here before it
reaches an argument list, so that it can be neither an option nor a path out of the repository.
"""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Timer

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import masked_logins
from hephaestus_worker.git.process_groups import ProcessGroups
from hephaestus_worker.git.surroundings import OPTIONS, environment

OLDEST_GIT = (2, 38)  # merge-tree --write-tree

# Seconds. A longer local command hangs; adding or checking out files may move gigabytes.
QUICK = 30.0
BULK = 600.0
NETWORK = 110.0
FIRST_FETCH = 1800.0
_GRACE = 5.0  # grace in which an ended command deletes its locks

_REMEDIES = (
    ("dubious ownership", "run `git config --global --add safe.directory <path>` as this user"),
    ("unknown repository extension", "install a newer git on this host, for the format it has"),
    ("No space left", "free disk space"),
    ("Host key verification failed", "add the server to this user's ~/.ssh/known_hosts"),
    ("Permission denied (publickey", "give this host's user an SSH key that the server accepts"),
    ("could not read Username", "give this host's user credentials for the server"),
    ("Authentication failed", "give this host's user credentials that the server accepts"),
    ("Could not resolve host", "check the address and the network of this host"),
    ("unable to access", "check the address and the network of this host"),
    ("unable to connect", "check the address and the network of this host"),
    ("Could not read from remote repository", "check the address and this host's access to it"),
    ("does not appear to be a git repository", "check the address"),
    ("ermission denied", "give this host's user the right to write there"),
    ("ead-only file system", "make the place writable"),
)

_PASSING = (
    "Could not resolve host",
    "unable to access",
    "unable to connect",
    "Connection refused",
    "Connection reset",
    "Connection timed out",
    "The remote end hung up unexpectedly",
    "early EOF",
)

# The origin says that the repository does not exist, to any host.
_GONE = ("does not appear to be a git repository", "epository not found")

# Signs of a failure that is this host's own. First those of its access to one repository: another
# host may have another way there, other credentials and a mirror that is whole.
_OF_REPOSITORY = (
    *_PASSING,
    "Host key verification failed",
    "Permission denied (publickey",
    "could not read Username",
    "could not read Password",
    "Authentication failed",
    "Could not read from remote repository",
    "dubious ownership",
    "corrupt",
    "unknown repository extension",  # another host may have a newer git
    "remote: ",  # whatever follows was said there
)
# Then those that any repository would meet here.
_OF_HOST = (
    "No space left",
    "Disk quota exceeded",
    "couldn't write",
    "could not write",
    "unable to write",
    "write error",
    "ead-only file system",
    "Input/output error",
    "Cannot allocate memory",
    "Out of memory",
    "Too many open files",
    "unable to fork",
    "unable to create thread",
    "Resource temporarily unavailable",
    "ermission denied",
)

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LONGEST_REASON = 600

_running = ProcessGroups()


@dataclass(frozen=True)
class Finished:
    """Status and output of a git command."""

    status: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        return os.fsdecode(self.stdout).strip()


class GitError(RepositoryError):
    """A git command failed; carries its status and its message, without credentials.

    `details["transient"]` is true if the cause is the network or the server. `details["fault"]` is
    "host" if this host failed by itself, "repository" if only its access to one repository did,
    else None.
    """

    def __init__(self, doing: str, finished: Finished) -> None:
        reason = brief(finished.stderr) or f"git ended with status {finished.status}"
        super().__init__(
            f"Could not {doing}: {reason}. To go on, {_remedy(reason)}.",
            details={
                "transient": any(words in reason for words in _PASSING),
                "fault": _fault(finished.stderr),
            },
        )
        self.status = finished.status
        self.stderr = finished.stderr


class GitTimeout(RepositoryError):
    """A git command was ended at its time limit."""


def run(
    *arguments: str,
    doing: str,
    git_dir: Path | None = None,
    work_tree: Path | None = None,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    server: bool = False,
    allowed: Collection[int] = (0,),
    timeout: float = QUICK,
    grace: float = _GRACE,
) -> Finished:
    """Run one git command to its end and return what it printed.

    Args:
        doing: completes "Could not …" in the error.
        git_dir: repository to work in; none for commands about no repository.
        work_tree: folder whose files the command is about; also its current folder.
        server: the command may talk to a server, so it gets what logs in there as the user. A
            checkout may, too: Git LFS downloads its files.
        allowed: exit statuses that are answers, not failures.
        timeout: seconds; then the command and its children get SIGTERM, and SIGKILL `grace`
            seconds later.

    Raises:
        GitError: the status is none of `allowed`.
        GitTimeout: it took longer than `timeout`.
    """
    command = ["git", *OPTIONS, *arguments]
    surroundings = environment(git_dir, work_tree, env, server=server)
    process = _start(command, surroundings, work_tree, has_input=stdin is not None)
    finished = _wait(process, stdin, timeout, doing, grace)
    if finished.status not in allowed:
        raise GitError(doing, finished)
    return finished


@contextmanager
def started(
    *arguments: str,
    doing: str,
    git_dir: Path,
    work_tree: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = QUICK,
) -> Iterator[Callable[[bytes, Collection[int]], Finished]]:
    """Start a git command while its input is still being made, which hides its start-up time.

    Yields a function that takes the input and the allowed statuses and returns like :func:`run`.
    A command that gets no input is ended, so it must do nothing before it has read its input.
    """
    surroundings = environment(git_dir, work_tree, env)
    process = _start(["git", *OPTIONS, *arguments], surroundings, work_tree, has_input=True)

    def finish(stdin: bytes, allowed: Collection[int]) -> Finished:
        finished = _wait(process, stdin, timeout, doing)
        if finished.status not in allowed:
            raise GitError(doing, finished)
        return finished

    try:
        yield finish
    finally:
        if process.poll() is None:
            _end(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:  # it may have ended before anybody talked to it
                pipe.close()


def beginning(
    *arguments: str,
    doing: str,
    git_dir: Path,
    most: int,
    env: Mapping[str, str] | None = None,
    allowed: Collection[int] = (0,),
    timeout: float = QUICK,
) -> tuple[bytes, bool]:
    """Run one git command, ended once it has printed ``most`` bytes; say whether it was.

    Raises:
        GitError: it failed, or took longer than ``timeout`` seconds.
    """
    process = _start(
        ["git", *OPTIONS, *arguments], environment(git_dir, None, env), None, has_input=False
    )
    timer = Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    try:
        said = process.stdout.read(most) if process.stdout else b""
        if len(said) == most:
            return said, True
        finished = _wait(process, None, timeout, doing)
    finally:
        timer.cancel()
        if process.poll() is None:
            _end(process)
    if finished.status not in allowed:
        raise GitError(doing, finished)
    return said, False


def end_all() -> None:
    """Kill every git command of this process, which is ending; later ones are killed at once."""
    _running.end_all()


def _start(
    command: list[str], env: dict[str, str], cwd: Path | None, *, has_input: bool
) -> "subprocess.Popen[bytes]":
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd or "/",
            env=env,
            # Without a terminal ssh cannot ask; a group of its own can be signalled as a whole.
            start_new_session=True,
        )
    except FileNotFoundError as error:
        if error.filename == command[0]:
            raise _unusable("no git") from error
        raise
    _running.add(process)
    return process


def _wait(
    process: "subprocess.Popen[bytes]",
    stdin: bytes | None,
    timeout: float,
    doing: str,
    grace: float = _GRACE,
) -> Finished:
    try:
        stdout, stderr = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        _end(process, grace)
        raise GitTimeout(
            f"Could not {doing}: git took longer than {timeout:.0f} s and was ended. "
            "To go on, check the disk and the network, then try again.",
            details={"transient": True, "fault": "repository"},
        ) from None
    except BaseException:
        _end(process, grace)
        raise
    return Finished(process.returncode, stdout, stderr.decode(errors="replace"))


def _end(process: "subprocess.Popen[bytes]", grace: float = _GRACE) -> None:
    # SIGKILL at once would leave git's locks behind, in the user's repository too.
    os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=grace)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def brief(stderr: str) -> str:
    """Return git's message on one line, bounded, without credentials."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("hint:", "warning:"))] or lines
    return masked_logins("; ".join(told))[:_LONGEST_REASON].rstrip(".")


def _fault(stderr: str) -> str | None:
    if any(words in stderr for words in _GONE):
        return None
    if any(words in stderr for words in _OF_REPOSITORY):
        return "repository"
    return "host" if any(words in stderr for words in _OF_HOST) else None


def _remedy(reason: str) -> str:
    return next(
        (remedy for words, remedy in _REMEDIES if words in reason),
        "put right what git names here and try again",
    )


def check_commit(commit: str) -> str:
    """Return the commit unchanged.

    Raises:
        RepositoryError: it is no full object id.
    """
    if not _COMMIT.fullmatch(commit):
        raise RepositoryError(f"{commit[:80]!r} is no commit. Give the full id in lower case.")
    return commit


def is_commit_id(text: str) -> bool:
    return bool(_COMMIT.fullmatch(text))


@cache
def check_git() -> None:
    """Return if git is installed and new enough.

    Raises:
        RepositoryError: it is not; the message names the version and how to install it.
    """
    found = run("version", doing="ask git for its version").text
    numbers = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
    if numbers < OLDEST_GIT:
        raise _unusable(found)


def _unusable(found: str) -> RepositoryError:
    return RepositoryError(
        f"git {OLDEST_GIT[0]}.{OLDEST_GIT[1]} or newer is needed, found {found}. "
        "Install it, for example with `apt install git` or `brew install git`.",
        details={"fault": "host"},
    )
