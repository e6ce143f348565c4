"""Reads refs without a process, where git keeps them as files.

The format of ``packed-refs`` is documented in git's ``gitrepository-layout`` and ``pack-refs``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hephaestus_worker.git import command as git

#: Bytes of ``packed-refs`` up to which it is read here.
_MOST: Final = 1_000_000


@dataclass(frozen=True)
class Found:
    """The commit of a ref; None: there is no such ref."""

    commit: str | None


def read(git_dir: Path, ref: str) -> Found | None:
    """Look a ref up. None: it is symbolic, in a reftable or in a large file; git can tell."""
    loose = read_loose(git_dir, ref)
    if loose is not None:
        return Found(loose)
    if (git_dir / ref).is_file() or (git_dir / "reftable").exists():
        return None
    return _read_packed(git_dir / "packed-refs", ref)


def read_loose(git_dir: Path, ref: str) -> str | None:
    """Return the commit in the file of a loose ref, which overrides a packed one.

    None: the ref is packed, in a reftable, symbolic or missing; only git can tell.
    """
    try:
        found = (git_dir / ref).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return found if git.is_commit_id(found) else None


def _read_packed(file: Path, ref: str) -> Found | None:
    try:
        with file.open("rb") as stream:
            packed = stream.read(_MOST + 1)
    except FileNotFoundError:
        return Found(None)
    except OSError:
        return None
    if len(packed) > _MOST:
        return None
    before, named, _ = packed.partition(f" {ref}\n".encode())
    if not named:
        return Found(None)
    commit = before.rpartition(b"\n")[2].decode("ascii", "replace")
    return Found(commit) if git.is_commit_id(commit) else None
