"""The folder of one run of checks, and the removal of those that a killed worker left.

The name of the folder marks the run's processes. Its lock shows that the run is alive; the kernel
frees it with the process.
"""

import fcntl
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.logging import log_event
from hephaestus_worker.terminal import private_files
from hephaestus_worker.terminal.process_tree import end_tree

logger = logging.getLogger(__name__)

_PREFIX: Final = "check-"
_GRACE_SECONDS: Final = 1.0


@contextmanager
def run_folder(folder: Path) -> Iterator[Path]:
    """Yield a new folder in this one; it is deleted at the end."""
    made, lock = _new(folder)
    try:
        yield made
    finally:
        try:
            delete(made)
        except OSError as error:  # the next pass tries again
            log_event(logger, "check_left", level=logging.WARNING, path=made, reason=error)
        os.close(lock)


def tidy(folder: Path) -> None:
    """End the processes and delete the folders of runs whose worker is gone.

    Safe beside running checks, also of another process. What cannot be ended or deleted stays for
    the next call.
    """
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            lock = _locked(left, wait=False)
            try:
                end_tree(left.name, grace=_GRACE_SECONDS)
                delete(left)
            except AgentProgramError as error:
                log_event(logger, "check_left", level=logging.WARNING, path=left, reason=error)
            finally:
                os.close(lock)


def delete(path: Path) -> None:
    """Delete a folder or a file.

    Raises:
        OSError: something of it is left.
    """
    private_files.delete(path)
    if os.path.lexists(path):
        raise OSError(f"{path} cannot be deleted")


def _new(folder: Path) -> tuple[Path, int]:
    """Make a folder and lock it; return both."""
    while True:
        made = folder / f"{_PREFIX}{secrets.token_hex(8)}"
        made.mkdir(mode=0o700)
        lock = _locked(made, wait=True)
        if made.exists():
            return made, lock
        os.close(lock)  # tidied away before it was locked


def _locked(folder: Path, *, wait: bool) -> int:
    """Return a descriptor that holds the folder's lock; OSError if another process holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
