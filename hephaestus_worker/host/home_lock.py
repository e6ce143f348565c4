"""The lock by which one worker has its home for itself."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import getnode, uuid4

import psutil

from hephaestus_core.contract.errors import Conflict
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.hosts.bearer import Bearer
from hephaestus_worker.terminal.private_files import private_folder

#: The exit status of a worker whose home or name belongs to another one.
TAKEN_STATUS: Final = 78

#: Seconds for the end of a worker that is being killed.
_PATIENCE = 2.0
_PAUSE = 0.05


def take_home(home: Path) -> Bearer:
    """Lock the home until this process ends, in whatever way, and return who has it now.

    Raises:
        Conflict: another worker runs in it.
    """
    file = HomeLayout(home).worker_lock
    private_folder(file.parent)
    # Never closed. Programs that this process starts do not inherit it.
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _PATIENCE
    while not locked_at_once(descriptor):
        if time.monotonic() > deadline:
            raise Conflict(
                f"Another worker runs in the home {home}. Give each worker a home of its own: "
                "set HEPHAESTUS_HOME.",
                field="home",
            )
        time.sleep(_PAUSE)
    return Bearer(uuid4(), _place(descriptor))


def worker_runs(home: Path) -> bool:
    """Say whether a worker runs in the home."""
    try:
        with HomeLayout(home).worker_lock.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def wait_for_its_end(home: Path) -> None:
    """Sleep until no worker runs in the home."""
    with suppress(FileNotFoundError), HomeLayout(home).worker_lock.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)


def locked_at_once(descriptor: int) -> bool:
    """Lock the file for this process alone if nobody holds it; say whether it is locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _place(descriptor: int) -> str:
    """Return a name of the lock that no other lock has, also not one in a copy of the home."""
    status = os.fstat(descriptor)
    return f"{_boot()}:{status.st_dev}:{status.st_ino}"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except FileNotFoundError:  # not on Linux
        return f"{getnode():x}-{psutil.boot_time():.0f}"
