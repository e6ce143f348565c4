"""Files that cannot be deleted for a while, like another user's."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def undeletable(file: Path, *, below: Path) -> Iterator[None]:
    """Make a file undeletable until the end of the block, even if it is moved within ``below``.

    No user, root included, can change the file or its folder meanwhile. The test is skipped if the
    system does not support this.
    """
    made = subprocess.run(["chattr", "+i", file, file.parent], check=False, capture_output=True)
    try:
        if made.returncode:
            pytest.skip(f"No file can be protected here: {os.fsdecode(made.stderr).strip()}")
        yield
    finally:
        subprocess.run(["chattr", "-R", "-i", below], check=False, capture_output=True)
