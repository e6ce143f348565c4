"""A file system of a few megabytes, which a test can really fill."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SIZE = 16_000_000
INODES = 20_000


@dataclass(frozen=True)
class SmallDisk:
    """A file system in memory, at ``path``."""

    path: Path

    @property
    def _filling(self) -> Path:
        return self.path / "filling"

    def fill(self) -> None:
        """Write until not a byte is left."""
        with self._filling.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        assert os.statvfs(self.path).f_bavail == 0

    def free(self) -> None:
        """Free what was filled."""
        self._filling.unlink()


@contextmanager
def small_disk(path: Path, *, size: int = SIZE, inodes: int = INODES) -> Iterator[SmallDisk]:
    """Mount a small file system at ``path``; this needs the right to mount."""
    path.mkdir()
    options = f"size={size},nr_inodes={inodes},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], check=True)
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)
