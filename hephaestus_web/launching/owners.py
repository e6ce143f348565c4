"""Whether git lets this user use a repository of another one on this machine."""

import os
import subprocess
from pathlib import Path
from typing import Final

from hephaestus_core.contract.foreign_repositories import refusal

_SECONDS: Final = 10.0
#: Lists no branch, so the answer is short for any repository.
_NO_REF: Final = "refs/hephaestus/none"
#: What git needs to find itself and this user's settings; the rest holds secrets.
_GIVEN: Final = (
    *("PATH", "HOME", "XDG_CONFIG_HOME", "GIT_EXEC_PATH"),
    *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
)


def check_owner(folder: Path, shown: str) -> None:
    """Refuse a repository of another user, unless this user trusts it by git's own settings.

    Only git knows those settings, so it is asked; but nothing is asked about a user's own
    repository, nor where git cannot answer.

    Args:
        folder: in which git keeps branches and objects.
        shown: the repository, for the message.

    Raises:
        RepositoryError: it is refused.
    """
    if _is_own(folder):
        return
    try:
        asked = subprocess.run(
            ["git", "ls-remote", "--", str(folder), _NO_REF],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _GIVEN if name in os.environ}
            | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"},
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    refused = refusal(shown, asked.stderr.decode(errors="replace"))
    if refused is not None:
        raise refused


def _is_own(folder: Path) -> bool:
    try:
        return folder.stat().st_uid == os.geteuid()
    except OSError:
        return True  # the host says what is wrong with it
