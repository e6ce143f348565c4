"""Files that only their owner may read."""

import os
import re
import stat
import threading
from pathlib import Path
from typing import Final

_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_LONGEST_WORD: Final = 128


def write_private(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write ``text``, readable by the owner alone; a reader never sees half of it."""
    new = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)  # left by an interrupted try
        file.write(text.encode(errors="surrogateescape"))
    new.replace(path)


def private_folder(path: Path) -> Path:
    """Make the folder, 0700, with its parents, and return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def is_word(text: str) -> bool:
    """Say whether a text is a short name of letters and digits, which can be no option."""
    return _WORD.fullmatch(text) is not None


def read_word(path: Path) -> str | None:
    """Return the word that a file holds; None for anything else.

    An agent may have put anything there: a pipe that never answers, a link, a file without end.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        text = os.read(file, _LONGEST_WORD + 1).decode(errors="replace")
    finally:
        os.close(file)
    return text if is_word(text) else None
