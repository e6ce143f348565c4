"""What git itself says of a repository on this machine; nothing where git cannot be asked."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore, Timer
from typing import Final

from hephaestus_core.contract.errors import RepositoryError, Unavailable
from hephaestus_core.contract.foreign_repositories import refusal
from hephaestus_core.contract.repository_urls import Login

_SECONDS: Final = 10.0
_LONGEST: Final = 300
#: Lists no branch, so the answer is short for any repository.
_NO_REF: Final = "refs/hephaestus/none"
#: What git needs to find itself and this user's settings; the rest holds secrets.
_GIVEN: Final = (
    *("PATH", "HOME", "XDG_CONFIG_HOME", "GIT_EXEC_PATH"),
    *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
)
_FIXED: Final = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
#: What a command that talks to a server needs beside that: the way there, and the user's keys.
_OF_SERVERS: Final = (
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
    *("SSH_AUTH_SOCK", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_DATA_HOME"),
)
_SSH: Final = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=5"}
#: Nothing asks a person, and no answer leads to another server.
_QUIET: Final = tuple(
    word
    for setting in ("core.askPass=", "credential.interactive=false", "http.followRedirects=false")
    for word in ("-c", setting)
)
_USER: Final = "HEPHAESTUS_GIT_USER"
_PASSWORD: Final = "HEPHAESTUS_GIT_PASSWORD"  # noqa: S105 - the name of a variable
_TELL: Final = (
    f'!f() {{ test "$1" = get && printf "username=%s\\npassword=%s\\n" '
    f'"${_USER}" "${_PASSWORD}"; }}; f'
)
#: Most branches that are read of a repository on this machine.
MOST_BRANCHES: Final = 2000
#: Most bytes that are read of an answer.
_MOST_BYTES: Final = 2**20
#: Servers that are asked at once; each may take a thread of the web process for a while.
_looks: Final = BoundedSemaphore(4)


def check_owner(folder: Path, shown: str) -> None:
    """Refuse a repository of another user, unless this user trusts it by git's own settings.

    Args:
        folder: in which git keeps branches and objects.
        shown: the repository, for the message.

    Raises:
        RepositoryError: it is refused.
    """
    if _is_own(folder):
        return
    refused = refusal(shown, _complaint("ls-remote", "--", str(folder), _NO_REF))
    if refused is not None:
        raise refused


def check_whole(folder: Path, shown: str, branch: str) -> None:
    """Refuse a repository in which git cannot read the newest commit of a branch that it has.

    Args:
        folder: in which git keeps branches and objects.
        shown: the repository, for the message.
        branch: one of its branches.

    Raises:
        RepositoryError: it is damaged.
    """
    said = _complaint(f"--git-dir={folder}", "cat-file", "-e", f"refs/heads/{branch}^{{tree}}")
    if said:
        raise RepositoryError(
            f"{shown} is damaged: git cannot read branch '{branch}' ({said[:_LONGEST]}). "
            "Repair it, or clone it again.",
            field="main_repo_path",
        )


def signs_commits(folder: Path) -> bool:
    """Return whether the repository's own settings say that commits are to be signed."""
    setting = ("config", "--local", "--type=bool", "--get", "commit.gpgSign")
    asked = _ask(f"--git-dir={folder}", *setting)
    return asked is not None and asked.stdout.strip() == b"true"


def _is_own(folder: Path) -> bool:
    try:
        return folder.stat().st_uid == os.geteuid()
    except OSError:
        return True  # the host says what is wrong with it


def _complaint(*arguments: str) -> str:
    """Run a git command that only reads; return its error output if it fails."""
    asked = _ask(*arguments)
    if asked is None or asked.returncode == 0:
        return ""
    return asked.stderr.decode(errors="replace").strip() or f"status {asked.returncode}"


def _ask(*arguments: str) -> "subprocess.CompletedProcess[bytes] | None":
    try:
        return subprocess.run(
            ["git", *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=environment(),
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def environment(*more: str) -> dict[str, str]:
    """Return the environment of a git command that only reads, with ``more`` of this process's."""
    names = (*_GIVEN, *more)
    return {name: os.environ[name] for name in names if name in os.environ} | _FIXED


def local_branches(folder: Path) -> bytes:
    """Return a line for each branch, the newest first: commit, name, time and subject.

    Args:
        folder: in which git keeps branches and objects.
    """
    form = "%(objectname)%09%(refname)%09%(committerdate:unix)%09%(contents:subject)"
    return _read(
        f"--git-dir={folder}",
        *("for-each-ref", "--sort=-committerdate", f"--count={MOST_BRANCHES}"),
        *(f"--format={form}", "refs/heads"),
        env=environment(),
    )


def remote_branches(url: str, login: Login | None, protocols: str) -> bytes:
    """Return a line for each branch behind a URL, commit and name, and whatever else git says.

    Args:
        url: without a login.
        login: for the URL's own server alone; None: the user's own way to log in.
        protocols: that git may speak, with ``:`` between.

    Raises:
        Unavailable: too many are looked at just now.
    """
    if not _looks.acquire(blocking=False):
        raise Unavailable("Too many repositories are looked at just now; try again in a moment.")
    given = {} if login is None else {_USER: login.user, _PASSWORD: login.password}
    try:
        return _read(
            *_QUIET,
            *(() if login is None else _login_options(url)),
            *("ls-remote", "--heads", "--", url),
            env=environment(*_OF_SERVERS) | {"GIT_ALLOW_PROTOCOL": protocols} | _SSH | given,
        )
    finally:
        _looks.release()


def _login_options(url: str) -> tuple[str, ...]:
    """Return the options by which git asks for the login, which is in the environment alone."""
    scheme, _, rest = url.partition("://")
    server = f"{scheme}://{rest.partition('/')[0]}"
    return ("-c", "credential.helper=", "-c", f"credential.{server}.helper={_TELL}")


def _read(*arguments: str, env: dict[str, str]) -> bytes:
    """Return what a git command says, up to a bound of time and size; it is ended then."""
    try:
        process = subprocess.Popen(
            ["git", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        return f"fatal: {error.strerror}".encode()
    with process:
        deadline = Timer(_SECONDS, _end, [process])
        deadline.start()
        try:
            said = process.stdout.read(_MOST_BYTES) if process.stdout else b""
        finally:
            timely = deadline.is_alive()
            deadline.cancel()
            _end(process)
    return said if timely else said + f"\nfatal: no answer within {_SECONDS:.0f} s".encode()


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
