"""What git itself says of a repository on this machine; nothing where git cannot be asked."""

import os
import subprocess
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.foreign_repositories import refusal

_SECONDS: Final = 10.0
_LONGEST: Final = 300
#: Lists no branch, so the answer is short for any repository.
_NO_REF: Final = "refs/hephaestus/none"
#: What git needs to find itself and this user's settings; the rest holds secrets.
_GIVEN: Final = (
    *("PATH", "HOME", "XDG_CONFIG_HOME", "GIT_EXEC_PATH"),
    *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
)


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
            env={name: os.environ[name] for name in _GIVEN if name in os.environ}
            | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"},
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
