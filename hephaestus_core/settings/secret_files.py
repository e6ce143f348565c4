"""Secrets in files: checks that others cannot read or guess them."""

import stat
from pathlib import Path
from typing import Final

#: Least length of a secret that a person supplies, such as a token of their own.
LEAST_CHARACTERS: Final = 32
_BROUGHT_ALONG: Final = ("admin.token", "session.key")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def fault_of(folder: Path) -> str | None:
    """Return the fault of the secrets in ``folder`` with its remedy; None without a fault.

    A missing folder is no fault.

    Raises:
        OSError: the folder cannot be looked into.
    """
    if not folder.exists():
        return None
    for path in (folder, *sorted(folder.iterdir())):
        if _mode(path) & _OTHERS:
            return (
                f"{path} can be read by other accounts; run: chmod -R go= {folder}. "
                "If one of them may have, remove it too, and a new one is made."
            )
    for name in _BROUGHT_ALONG:
        if (fault := _weakness(folder / name)) is not None:
            return fault
    return None


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:  # a temporary file of another process, renamed meanwhile
        return 0


def _weakness(path: Path) -> str | None:
    if not path.exists() or len(path.read_text().strip()) >= LEAST_CHARACTERS:
        return None
    return (
        f"{path} has fewer than {LEAST_CHARACTERS} characters and could be guessed; "
        "remove it, and a good one is made."
    )
