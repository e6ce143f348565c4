"""Locks between processes of one host, and locks that dead git processes left behind."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hephaestus_core.contract.errors import RepositoryError

_PAUSE = 0.005
# git holds a lock file for moments. Where processes cannot be listed, only a long time shows that
# the holder is gone.
_STALE_AFTER = 3.0
_STALE_UNSEEN = 60.0


@contextmanager
def held(file: Path, *, waiting_for: str, timeout: float) -> Iterator[None]:
    """Hold the file's lock for the block; the kernel frees it when the process ends.

    Raises:
        RepositoryError: it was not free within `timeout` seconds.
    """
    with file.open("w") as lock:
        _acquire(lock.fileno(), waiting_for, time.monotonic() + timeout)
        yield


def _acquire(descriptor: int, waiting_for: str, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise RepositoryError(
                    f"Other processes still use {waiting_for}. Try again in a minute.",
                    details={"fault": "repository"},
                ) from None
            time.sleep(_PAUSE)
        else:
            return


def clear_stale(files: list[Path], folders: list[Path]) -> None:
    """Delete those lock files that no live git process can hold.

    A live holder has its working directory in one of the folders.
    """
    for file in files:
        age = _age(file)
        if age is not None and age > _STALE_AFTER and not _in_use(folders, age):
            file.unlink(missing_ok=True)


def _age(file: Path) -> float | None:
    try:
        return time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return None


def _in_use(folders: list[Path], age: float) -> bool:
    processes = Path("/proc")
    if not (processes / "self" / "cwd").exists():
        return age < _STALE_UNSEEN
    return any(
        _is_git_at_work(process, folders)
        for process in processes.iterdir()
        if process.name.isdigit()
    )


def _is_git_at_work(process: Path, folders: list[Path]) -> bool:
    try:
        if not (process / "comm").read_text().startswith("git"):
            return False
        places = {(process / "cwd").readlink()}
        environment = (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False  # ended meanwhile, or of another user
    places |= {
        Path(os.fsdecode(value))
        for name, _, value in (entry.partition(b"=") for entry in environment)
        if name in {b"GIT_DIR", b"GIT_WORK_TREE"}
    }
    return any(place.is_relative_to(folder) for place in places for folder in folders)
