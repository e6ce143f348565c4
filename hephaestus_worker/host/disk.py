"""Free space on the disks of this host, looked at before a task is claimed."""

import os
from collections.abc import Iterable
from pathlib import Path

from hephaestus_worker.host.machine import Folders, Machine

_MB = 1_000_000


def shortage(folders: Iterable[Path], *, least_bytes: int, least_inodes: int) -> str | None:
    """Say what is short on the file systems of these folders; None if nothing is."""
    for folder in folders:
        found = os.statvfs(folder)
        free = found.f_bavail * found.f_frsize
        if free < least_bytes:
            return f"{folder}: {free // _MB} MB are free of at least {least_bytes // _MB} MB"
        # Some file systems make inodes as they need them, and report none.
        if found.f_files and found.f_favail < least_inodes:
            return f"{folder}: {found.f_favail} inodes are free of at least {least_inodes}"
    return None


def shortage_of(machine: Machine) -> str | None:
    """Say what is short on the disks of this host; None if nothing is."""
    return shortage(
        _written(machine.folders),
        least_bytes=machine.settings.least_free_bytes,
        least_inodes=machine.settings.least_free_inodes,
    )


def _written(folders: Folders) -> tuple[Path, ...]:
    return folders.mirrors, folders.worktrees, folders.agents
