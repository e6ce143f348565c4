"""Secrets in the stack's home: made once, readable by their owner alone."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from hephaestus_core.contract.home import HomeLayout


def secret(home: Path, name: str) -> str:
    """Return the secret in ``<home>/secrets/<name>``; it is made if missing.

    Raises:
        OSError: the home cannot be written.
    """
    path = HomeLayout(home).secret(name)
    if not path.exists():
        _make(path)
    return path.read_text().strip()


def _make(path: Path) -> None:
    """Create the file with a new secret atomically, unless another process was first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # 0600 from the start
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        Path(temporary).unlink()
