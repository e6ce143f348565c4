"""What differs between two commits, as hosts record it and readers get it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileChange:
    """One file of a diff. Binary files have no lines."""

    path: str
    """As git shows it; a renamed file as ``old => new``."""
    insertions: int | None
    deletions: int | None


@dataclass(frozen=True)
class Diff:
    """What differs between two commits."""

    base: str
    commit: str
    files: int
    insertions: int
    deletions: int
    changes: list[FileChange]
    patch: str
    truncated: bool
    """There are more files, or the patch is longer."""
