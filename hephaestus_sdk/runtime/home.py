"""Where everything of one stack stands: its home folder."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hephaestus_core.contract.home import HomeLayout
from hephaestus_sdk.runtime import private_files


class Home(HomeLayout):
    """A home folder that a stack runs in, and the locks that stand there."""

    def make(self) -> None:
        """Make the folders, closed to other accounts.

        Raises:
            OSError: they cannot be made.
        """
        for folder in (self.run, self.secrets, self.logs, self.valkey):
            private_files.make_folder(folder)
            folder.chmod(private_files.PRIVATE_FOLDER)

    def new_log_folder(self) -> Path:
        """Make ``logs/session-<local time>`` and return it; no two starts share one."""
        name = time.strftime("session-%Y%m%d-%H%M%S")
        for number in range(1, 1000):
            folder = self.logs / (name if number == 1 else f"{name}-{number}")
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=private_files.PRIVATE_FOLDER)
                return folder
        raise FileExistsError(f"{self.logs / name}")

    def stack(self) -> dict[str, Any]:
        """Return what the supervisor wrote last, ``{}`` when nothing runs."""
        return read_json(self.stack_file)

    def is_supervised(self) -> bool:
        """Whether a supervisor is alive: the kernel frees its lock at its end."""
        if not self.supervisor_lock.exists():
            return False
        with locked(self.supervisor_lock) as free:
            return not free


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in the file, ``{}`` if it is missing or damaged."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@contextmanager
def locked(path: Path, *, timeout: float = 0.0) -> Iterator[bool]:
    """Hold the lock on a file or folder for the block; False if it is held.

    Args:
        path: the file, made when missing, or an existing folder.
        timeout: seconds to wait for the lock.
    """
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
    descriptor = os.open(path, flags, private_files.PRIVATE_FILE)
    try:
        yield _try_lock(descriptor, time.monotonic() + timeout)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
