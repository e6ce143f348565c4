"""Keeps one caretaker beside this host's worker; see :mod:`hephaestus_worker.caretaker`."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.home import HomeLayout
from hephaestus_worker.git import locks
from hephaestus_worker.host.home_lock import locked_at_once
from hephaestus_worker.terminal.environment import base_environment
from hephaestus_worker.terminal.private_files import private_folder

_PAUSE: Final = 0.05
_PATIENCE: Final = 60.0
#: Seconds for a caretaker to look once more and to end.
_LAST_LOOK: Final = 5.0
#: It needs no server, and so no password of one.
_WITHHELD: Final = ("HEPHAESTUS_DATABASE_URL", "HEPHAESTUS_REDIS_URL")


def ensure_caretaker(home: Path) -> None:
    """Start a caretaker unless one runs."""
    with sole_caretaker(home) as free:
        pass
    if free:
        _start(home)


@contextmanager
def sole_caretaker(home: Path, *, patience: float = 0.0) -> Iterator[bool]:
    """Be the home's caretaker for the block; False if there is one.

    Args:
        home: the folder.
        patience: seconds to try for, as a worker that looks for a caretaker has the lock for a
            moment.
    """
    file = HomeLayout(home).caretaker_lock
    private_folder(file.parent)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "rb") as lock:
        deadline = time.monotonic() + patience
        while not (mine := locked_at_once(lock.fileno())) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        yield mine


def wait_for_caretaker(home: Path) -> None:
    """Wait until nobody ends this host's agents any more; they stop once this worker has its home.

    After a minute this returns in any case: the saving of one worktree may take long.
    """
    with (
        suppress(RepositoryError),
        locks.held(HomeLayout(home).ending_lock, waiting_for="the caretaker", timeout=_PATIENCE),
    ):
        pass


def wait_until_gone(home: Path) -> None:
    """Wait until the caretaker has seen that no agent is left; after some seconds this returns."""
    with sole_caretaker(home, patience=_LAST_LOOK):
        pass


def _start(home: Path) -> None:
    # CI services end all processes of a job that have its variables, so none of them is passed on.
    ours = {
        name: value
        for name, value in os.environ.items()
        if name == "PYTHONPATH" or (name.startswith("HEPHAESTUS_") and name not in _WITHHELD)
    }
    log = os.open(HomeLayout(home).caretaker_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        subprocess.Popen(
            [sys.executable, "-P", "-m", "hephaestus_worker.caretaker"],
            env=base_environment() | ours | {"HEPHAESTUS_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Not of the worker's group, which is ended with it.
            start_new_session=True,
        )
    finally:
        os.close(log)
