"""Reads git's files that an agent may have written: regular ones only, bounded, never blocking.

Files of agents' folders are read by `hephaestus_core.contract.agent_files`, which also refuses a
file with a second name. git makes such files itself, when it clones a repository on one disk.
"""

import os
import stat
from pathlib import Path


def read(path: Path, most: int) -> bytes | None:
    """Return the content; None for anything but a readable regular file of at most `most` bytes.

    A link is not followed and a FIFO is not waited for.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > most:
            return None
        content = file.read(most + 1)
    return content if len(content) <= most else None


def is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
