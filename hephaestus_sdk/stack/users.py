"""Who uses the local stack of one home: each SDK holds a lock that all of them can share."""

import contextlib
import fcntl
import os
import time
from pathlib import Path
from typing import Self

from hephaestus_sdk.runtime import private_files
from hephaestus_sdk.runtime.home import Home

#: Seconds between two looks whether a stack that is being stopped is gone.
_PAUSE = 0.05


class StackUser:
    """One user of a home's stack, from :meth:`enter` until :meth:`leave` or its process' end."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @classmethod
    def enter(cls, home: Path, *, timeout: float) -> Self:
        """Become a user; while another one stops the stack, wait for up to ``timeout`` seconds.

        A home that cannot be written is no fault here: whoever starts its stack explains it.
        """
        run = Home(home).run
        try:
            private_files.make_folder(run)
            file = run / "users.lock"
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, private_files.PRIVATE_FILE)
        except OSError:
            return cls(None)
        deadline = time.monotonic() + timeout
        while not _locked(descriptor, fcntl.LOCK_SH) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        return cls(descriptor)

    def is_last(self) -> bool:
        """Return whether there is no other user; if so, none can come before :meth:`leave`.

        Where there are others, this one counts as gone from then on.
        """
        return self._descriptor is None or _locked(self._descriptor, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Be a user no more."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _locked(descriptor: int, kind: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        return True
    return False
