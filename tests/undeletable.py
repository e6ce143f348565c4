"""Files that cannot be deleted for a while, as those of another user cannot."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def undeletable(file: Path, *, below: Path) -> Iterator[None]:
    """Keep a file from being deleted, wherever below a folder it is moved to.

    Neither it nor its own folder can be changed meanwhile, whoever tries. Where the system cannot
    do that, the test is skipped.
    """
    made = subprocess.run(["chattr", "+i", file, file.parent], check=False, capture_output=True)
    try:
        if made.returncode:
            pytest.skip(f"No file can be protected here: {os.fsdecode(made.stderr).strip()}")
        yield
    finally:
        subprocess.run(["chattr", "-R", "-i", below], check=False, capture_output=True)
