"""Reads refs without a process, where git keeps them as files."""

from pathlib import Path

from hephaestus_worker.git import command as git


def read_loose(git_dir: Path, ref: str) -> str | None:
    """Return the commit in the file of a loose ref, which overrides a packed one.

    None: the ref is packed, in a reftable, symbolic or missing; only git can tell.
    """
    try:
        found = (git_dir / ref).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return found if git.is_commit_id(found) else None
