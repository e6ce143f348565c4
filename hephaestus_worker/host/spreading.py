"""Asks the file system to place unrelated folders apart, so that new files are found room quickly.

ext4 puts the files of a folder's subfolders close to each other, and looks for the first free inode
there. Where worktrees of thousands of files come and go, it passes over all that were deleted of
late: `git worktree add` of 500 files took 160 ms of processor time, and 36 ms with this hint.
"""

import fcntl
import os
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

#: ioctls of Linux on 64 bits, from linux/fs.h; `chattr +T` sets the same flag.
_GET_FLAGS: Final = 0x80086601
_SET_FLAGS: Final = 0x40086602
TOP_OF_HIERARCHIES: Final = 0x00020000
_FLAGS: Final = struct.Struct("@l")


def spread_subfolders(folder: Path) -> None:
    """Mark the folder: what lies in its subfolders is unrelated. Only ext4 takes such a hint."""
    if sys.platform != "linux" or _FLAGS.size != struct.calcsize("q"):
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # another file system
            flags = flags_of(descriptor)
            fcntl.ioctl(descriptor, _SET_FLAGS, _FLAGS.pack(flags | TOP_OF_HIERARCHIES))
    finally:
        os.close(descriptor)


def flags_of(descriptor: int) -> int:
    """Return the marks of an open folder.

    Raises:
        OSError: the file system has no marks.
    """
    found: int = _FLAGS.unpack(fcntl.ioctl(descriptor, _GET_FLAGS, bytes(_FLAGS.size)))[0]
    return found
