"""Files that only their owner may read, replaced atomically."""

import contextlib
import os
import secrets
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def make_folder(path: Path) -> Path:
    """Make the folder with mode 0700, and its parents; an existing one keeps its mode."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return path


def write(path: Path, text: str, *, owner: tuple[int, int] | None = None) -> None:
    """Replace the file by ``text`` atomically, mode 0600, owned by ``owner`` (uid, gid) if given.

    A symbolic link at ``path`` is replaced, not followed.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            if owner is not None:
                os.fchown(file.fileno(), *owner)
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def ensure_secret(path: Path) -> str:
    """Return the secret kept in ``path``; it is made when missing.

    A new one has 256 random bits in hexadecimal. Concurrent callers get the same one.
    """
    with contextlib.suppress(FileNotFoundError):
        path.chmod(PRIVATE_FILE)
        if kept := path.read_text().strip():
            return kept
        path.unlink()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write(draft, secrets.token_hex(32) + "\n")
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        return path.read_text().strip()
    finally:
        draft.unlink()
