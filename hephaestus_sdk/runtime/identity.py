"""Tells a process from a later one with the same pid."""

import contextlib
import os
import sys
import time
from pathlib import Path


def birth(pid: int) -> str | None:
    """Return an identity that no other process on this machine ever has; None if it does not run.

    On Linux it is the boot id and the clock tick of the start, which do not depend on the time of
    day. A zombie counts as not running.
    """
    if sys.platform != "linux":
        return _birth_elsewhere(pid)
    with contextlib.suppress(OSError, IndexError):
        # The second field is the name, in parentheses, and may hold anything.
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        if state not in {"Z", "X"}:
            return f"{_boot()}:{rest[18]}"
    return None


def is_same(pid: int, born: str | None) -> bool:
    """Whether the process with this identity still runs under this pid."""
    return born is not None and birth(pid) == born


def left_a_group(pid: int, born: str | None) -> bool:
    """Whether the process has ended while members of its group still run.

    The kernel does not reuse its pid while they do.
    """
    if sys.platform != "linux" or born is None or not born.startswith(f"{_boot()}:"):
        return False
    if birth(pid) is not None:
        return False
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # not ours, so not what we started
        return False
    return True


def wait_gone(pid: int, born: str | None, seconds: float) -> bool:
    """Wait until the process has ended; False if it has not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while is_same(pid, born):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _birth_elsewhere(pid: int) -> str | None:
    import psutil  # only in the server's installation

    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return str(process.create_time())
    return None
