"""Where everything of one stack stands: its home folder."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hephaestus_sdk.runtime import private_files


@dataclass(frozen=True)
class Home:
    """Paths below the home folder, and the locks that stand there."""

    root: Path

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def stack_file(self) -> Path:
        """What runs now; written by the supervisor alone."""
        return self.run / "stack.json"

    @property
    def stop_fault_file(self) -> Path:
        """Says in one line what the last stop could not end."""
        return self.run / "stop-fault"

    @property
    def launch_file(self) -> Path:
        """What the supervisor is to run."""
        return self.run / "launch.json"

    @property
    def config_file(self) -> Path:
        return self.run / "config.yaml"

    @property
    def ports_file(self) -> Path:
        return self.run / "ports.json"

    @property
    def postgres_marker(self) -> Path:
        """Stands while the database folder is being made."""
        return self.run / "postgres.making"

    @property
    def supervisor_lock(self) -> Path:
        return self.run / "supervisor.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by all programs that use the stack."""
        return self.run / "users.lock"

    @property
    def stays_file(self) -> Path:
        """Stands while the stack is to run on without users."""
        return self.run / "stays"

    @property
    def start_lock(self) -> Path:
        return self.run / "start.lock"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def secret(self, name: str) -> Path:
        return self.root / "secrets" / name

    def ready_file(self, process: str) -> Path:
        """Written by a process that is ready and has no other way to say so."""
        return self.run / f"{process}.ready"

    def make(self) -> None:
        """Make the folders, closed to other accounts.

        Raises:
            OSError: they cannot be made.
        """
        for folder in (self.run, self.root / "secrets", self.logs, self.valkey):
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
        """Whether a supervisor is alive: it holds its lock as long as it lives."""
        if not self.supervisor_lock.exists():
            return False
        with locked(self.supervisor_lock) as free:
            return not free


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in the file, ``{}`` when there is none that can be read."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@contextmanager
def locked(path: Path, *, timeout: float = 0.0) -> Iterator[bool]:
    """Hold the lock on a file or folder for the block; False when others hold it.

    Args:
        path: the file, made when missing, or an existing folder.
        timeout: seconds to wait for others to let go.
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
