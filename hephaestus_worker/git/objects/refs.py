"""Reads refs without a process, where git keeps them as files."""

from pathlib import Path

from hephaestus_worker.git import command as git


def read_loose(git_dir: Path, ref: str) -> str | None:
    """Return the commit in the ref's own file, which is newer than any other note of it.

    None: there is no such file; the ref may be packed, in a table, symbolic or missing. Ask git.
    """
    try:
        found = (git_dir / ref).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return found if git.is_commit_id(found) else None
