"""Files that only their owner may read."""

import os
import re
import secrets
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

from hephaestus_core.contract import agent_files

_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_LONGEST_WORD: Final = 128
_DELETE_SECONDS: Final = 60.0


def write_private(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write ``text``, readable by the owner alone; a reader never sees half of it."""
    # Nobody can have put a link there: the name cannot be guessed.
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text.encode(errors="surrogateescape"))
    new.replace(path)


def private_file(path: Path) -> None:
    """Make an empty file, 0600, unless there is one; anything else in its place is removed.

    Whoever appends to the file later does not write through a link of an agent's.
    """
    if agent_files.size(path.parent, path.name) is not None:
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def private_folder(path: Path) -> Path:
    """Make the folder, 0700, with its parents, and return it; a link in its place is removed."""
    if path.is_symlink():
        path.unlink()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def delete(folder: Path) -> None:
    """Delete what an agent left at this path, as far as that is possible within minutes.

    It may nest deeper than Python's own function can follow, and hold write-protected caches.
    """
    if folder.is_symlink():
        folder.unlink()  # chmod would follow it
    with suppress(OSError):
        folder.rmdir()  # an empty one takes no process
    remove, unlock = ("rm", "-rf", "--"), ("chmod", "-R", "u+rwX", "--")
    with suppress(subprocess.TimeoutExpired):
        for step in (remove, unlock, remove):
            if folder.exists():
                argv = [*step, str(folder)]
                subprocess.run(argv, capture_output=True, check=False, timeout=_DELETE_SECONDS)


def is_word(text: str) -> bool:
    """Say whether a text is a short name of letters and digits, which can be no option."""
    return _WORD.fullmatch(text) is not None


def read_word(path: Path) -> str | None:
    """Return the word that a file of an agent's folder holds; None for anything else."""
    found = agent_files.read(path.parent, path.name, most=_LONGEST_WORD + 1) or b""
    text = found.decode(errors="replace")
    return text if is_word(text) else None
