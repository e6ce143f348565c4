"""Secrets in files: what would make them no secrets any more."""

import stat
from pathlib import Path
from typing import Final

#: Of a secret that people may bring along themselves, such as a token in place of the stack's own.
LEAST_CHARACTERS: Final = 32
_BROUGHT_ALONG: Final = ("admin.token", "session.key")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def fault_of(folder: Path) -> str | None:
    """Return why the secrets in ``folder`` are none, with the remedy; None when all is well.

    A folder that is not there yet is well.

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
    except FileNotFoundError:  # a draft of another process, which has renamed it meanwhile
        return 0


def _weakness(path: Path) -> str | None:
    if not path.exists() or len(path.read_text().strip()) >= LEAST_CHARACTERS:
        return None
    return (
        f"{path} has fewer than {LEAST_CHARACTERS} characters and could be guessed; "
        "remove it, and a good one is made."
    )
