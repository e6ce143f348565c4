"""Files that only their owner may read."""

import os
import threading
from pathlib import Path


def write_private(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write ``text``, readable by the owner alone; a reader never sees half of it."""
    new = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)  # left by an interrupted try
        file.write(text.encode(errors="surrogateescape"))
    new.replace(path)


def private_folder(path: Path) -> Path:
    """Make the folder, 0700, with its parents, and return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path
