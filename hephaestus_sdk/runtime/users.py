"""Who uses the local stack of one home: each user holds a lock that all of them can share."""

import contextlib
import fcntl
import os
import time
from pathlib import Path
from typing import Self

from hephaestus_sdk.runtime import private_files
from hephaestus_sdk.runtime.home import Home

#: Seconds between two tries to get the lock.
_PAUSE = 0.05
#: Seconds for which a user that may be the last one tries to be alone: the supervisor, who
#: looks for users, has the lock for a moment.
_LOOK_OF_OTHERS = 0.2
#: Seconds between two looks of the supervisor, and how many in a row have to find nobody. A
#: program that is started again at once finds its stack running.
_LOOK_SECONDS = 5.0
_LOOKS = 3


class StackUser:
    """One user of a home's stack, from :meth:`enter` until :meth:`leave` or its process' end."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @classmethod
    def enter(cls, home: Path, *, timeout: float) -> Self:
        """Become a user; while another one stops the stack, wait for up to ``timeout`` seconds.

        A home that cannot be written is no fault here: whoever starts its stack explains it.
        """
        try:
            descriptor = _opened(Home(home))
        except OSError:
            return cls(None)
        _locked(descriptor, fcntl.LOCK_SH, patience=timeout)
        return cls(descriptor)

    def is_last(self) -> bool:
        """Return whether there is no other user; if so, none can come before :meth:`leave`.

        Where there are others, this one counts as gone from then on.
        """
        if self._descriptor is None:
            return True
        return _locked(self._descriptor, fcntl.LOCK_EX, patience=_LOOK_OF_OTHERS)

    def leave(self) -> None:
        """Be a user no more."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


class Vacancy:
    """Tells the supervisor when the users of its stack are gone, however they ended."""

    def __init__(self, home: Home, *, look_seconds: float = _LOOK_SECONDS) -> None:
        self._home = home
        self._look_seconds = look_seconds
        self._look_at = time.monotonic() + look_seconds
        self._found_nobody = 0

    def next_look(self) -> float:
        """Return in how many seconds it is time for another look."""
        return max(0.0, self._look_at - time.monotonic())

    def is_final(self) -> bool:
        """Look, if it is time to; True once several looks in a row have found nobody.

        From then on this process holds the lock, so that no user comes while the stack stops. A
        stack that is to stay has no vacancy.
        """
        if self.next_look() > 0:
            return False
        self._look_at = time.monotonic() + self._look_seconds
        descriptor = None if self._home.stays_file.exists() else self._alone()
        self._found_nobody = 0 if descriptor is None else self._found_nobody + 1
        if descriptor is None:
            return False
        if self._found_nobody >= _LOOKS:
            return True  # the descriptor stays open until this process ends
        os.close(descriptor)
        return False

    def _alone(self) -> int | None:
        with contextlib.suppress(OSError):
            descriptor = _opened(self._home)
            if _locked(descriptor, fcntl.LOCK_EX):
                return descriptor
            os.close(descriptor)
        return None


def _opened(home: Home) -> int:
    private_files.make_folder(home.run)
    return os.open(home.users_lock, os.O_RDWR | os.O_CREAT, private_files.PRIVATE_FILE)


def _locked(descriptor: int, kind: int, *, patience: float = 0.0) -> bool:
    deadline = time.monotonic() + patience
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_PAUSE)
