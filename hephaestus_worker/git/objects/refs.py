"""Reads refs, and sets those of a mirror, without a process, where git keeps them as files.

The format of ``packed-refs`` is documented in git's ``gitrepository-layout`` and ``pack-refs``, the
locking of refs in its ``api-lockfile``.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
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
    return _find_packed(_packed(git_dir), ref)


def swap(mirror: Path, ref: str, new: str, *, expected: str | None) -> bool:
    """Set a ref of a mirror by compare-and-swap, as ``git update-ref`` does; None: there is none.

    A mirror is bare, so it keeps no log of its refs. A caller that is killed may leave git's lock
    file behind, as git may.

    Returns:
        Whether it was done. Otherwise the ref is as it was, and git can tell why, or do it: the ref
        points elsewhere, is locked or symbolic, or stands in the way of another.
    """
    lock = mirror / f"{ref}.lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.open("x").close()
    except OSError:
        return False
    try:
        if _may_be_set(mirror, ref, expected):
            lock.write_text(f"{new}\n")
            lock.replace(mirror / ref)
            return True
    except OSError:
        pass  # git says what is wrong with the disk
    lock.unlink(missing_ok=True)
    return False


def _may_be_set(mirror: Path, ref: str, expected: str | None) -> bool:
    """Return whether the ref is as expected, and no packed one has the name of a folder."""
    packed = _packed(mirror)
    if packed is None or read(mirror, ref) != Found(expected):
        return False
    folders = list(PurePosixPath(ref).parents)[:-2]  # without "refs" and "."
    in_the_way = (f" {ref}/", *(f" {folder}\n" for folder in folders))
    return not any(name.encode() in packed for name in in_the_way)


def read_loose(git_dir: Path, ref: str) -> str | None:
    """Return the commit in the file of a loose ref, which overrides a packed one.

    None: the ref is packed, in a reftable, symbolic or missing; only git can tell.
    """
    try:
        found = (git_dir / ref).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return found if git.is_commit_id(found) else None


def listed(git_dir: Path, *folders: str) -> dict[str, str] | None:
    """Return the commits of all refs in these folders by name. None: only git can tell."""
    packed = _packed(git_dir)
    if packed is None or (git_dir / "reftable").exists():
        return None
    inside = tuple(f"{folder}/" for folder in folders)
    lines = (line.split(" ", 1) for line in packed.decode(errors="surrogateescape").splitlines())
    found = {line[1]: line[0] for line in lines if line[-1].startswith(inside)}
    for folder in folders:
        for file in (git_dir / folder).rglob("*"):
            if file.is_file() and file.suffix != ".lock":
                ref = str(file.relative_to(git_dir))
                commit = read_loose(git_dir, ref)
                if commit is None:
                    return None
                found[ref] = commit
    return found


def _packed(git_dir: Path) -> bytes | None:
    """Return the packed refs; None: they cannot be read here."""
    try:
        with (git_dir / "packed-refs").open("rb") as stream:
            packed = stream.read(_MOST + 1)
    except FileNotFoundError:
        return b""
    except OSError:
        return None
    return None if len(packed) > _MOST else packed


def _find_packed(packed: bytes | None, ref: str) -> Found | None:
    if packed is None:
        return None
    before, named, _ = packed.partition(f" {ref}\n".encode())
    if not named:
        return Found(None)
    commit = before.rpartition(b"\n")[2].decode("ascii", "replace")
    return Found(commit) if git.is_commit_id(commit) else None
