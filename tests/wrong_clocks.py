"""Processes whose clock is wrong: a preloaded library shifts what the C library says is the time.

Only the wall clock is shifted; ``time.monotonic`` and timeouts go on as they are. libfaketime is
no choice, because its processes share a semaphore: one that is killed in it hangs all others.
"""

import functools
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_SOURCE = Path(__file__).with_name("wrong_clock.c")


class WrongClock:
    """A clock that is wrong by what a file says; it can be turned while processes use it."""

    def __init__(self, file: Path, ahead: float = 0.0) -> None:
        self._file = file
        file.write_bytes(_milliseconds(ahead))

    @property
    def environ(self) -> dict[str, str]:
        """The variables of a process that uses it."""
        return {"LD_PRELOAD": str(_library()), "WRONG_CLOCK": str(self._file)}

    def turn(self, ahead: float) -> None:
        """Let it be so many seconds ahead from now on."""
        with self._file.open("r+b") as file:  # never truncated: it is mapped
            file.write(_milliseconds(ahead))


def shifted(seconds: float) -> dict[str, str]:
    """Return this process' environment, but with a clock that is so many seconds ahead."""
    file = Path(_folder().name) / f"{seconds:+.3f}"
    return {**os.environ, **WrongClock(file, seconds).environ}


def _milliseconds(seconds: float) -> bytes:
    return round(seconds * 1000).to_bytes(8, sys.byteorder, signed=True)


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="clocks-")


@functools.cache
def _library() -> Path:
    """Return the library. It lies with Python's own, which sandboxes show to agents."""
    digest = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:12]
    library = Path(sys.prefix, "lib", f"wrong-clock-{digest}.so")
    if not library.exists():
        made = library.with_suffix(f".{os.getpid()}")
        compiler = os.environ.get("CC", "cc")
        argv = [compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(made)]
        subprocess.run([*argv, str(_SOURCE)], check=True, timeout=60)
        made.replace(library)
    return library
